"""What a line was priced by; lines from before don't know any more."""

from __future__ import annotations

from shared.migrations import run_scripts

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add it to lines."""
    run_scripts("ALTER TABLE quote_items ADD COLUMN basis JSONB")


def downgrade() -> None:
    """Drop it, with what it has."""
    run_scripts("ALTER TABLE quote_items DROP COLUMN basis")
