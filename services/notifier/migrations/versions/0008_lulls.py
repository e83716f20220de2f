"""When an endpoint failed last, so that two failures weeks apart are no outage."""

from __future__ import annotations

from shared.migrations import run_scripts

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Add the column; of what fails already, the next failure says."""
    run_scripts("ALTER TABLE endpoints ADD COLUMN failed_at TIMESTAMP WITH TIME ZONE")


def downgrade() -> None:
    """Drop it."""
    run_scripts("ALTER TABLE endpoints DROP COLUMN failed_at")
