"""What each tax of an invoice's line comes to, where the quote or the price told it."""

from __future__ import annotations

from shared.migrations import run_scripts

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    """Have room for it; lines of before have their tax as one sum."""
    run_scripts(
        """
        ALTER TABLE invoice_lines ADD COLUMN taxes JSONB NOT NULL DEFAULT '[]';
        ALTER TABLE invoice_lines ALTER COLUMN taxes DROP DEFAULT
        """
    )


def downgrade() -> None:
    """Sum them up again."""
    run_scripts("ALTER TABLE invoice_lines DROP COLUMN taxes")
