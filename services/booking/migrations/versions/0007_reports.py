"""What the reports count, from the events that the log still has."""

from __future__ import annotations

from pathlib import Path

from shared.migrations import run_scripts

revision = "0007"
down_revision = "0006"

OWN = Path(__file__).with_suffix(".sql")


def upgrade() -> None:
    """Make the projection; an operator fills it: `POST /v1/reports/rebuild`."""
    run_scripts(OWN.read_text())


def downgrade() -> None:
    """It can be made anew at any time."""
    run_scripts("DROP TABLE reported_bookings")
