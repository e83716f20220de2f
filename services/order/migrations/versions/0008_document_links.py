"""A key for each invoice's link; those issued before are read with a token alone."""

from __future__ import annotations

from shared.migrations import run_scripts

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Add the column."""
    run_scripts("ALTER TABLE invoices ADD COLUMN document_key TEXT")


def downgrade() -> None:
    """Drop it, with the links."""
    run_scripts("ALTER TABLE invoices DROP COLUMN document_key")
