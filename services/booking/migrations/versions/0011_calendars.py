"""Secret links to calendars, and when each booking was last changed."""

from __future__ import annotations

from pathlib import Path

from shared.migrations import run_scripts

revision = "0011"
down_revision = "0010"

OWN = Path(__file__).with_suffix(".sql")


def upgrade() -> None:
    """Take bookings for unchanged since they were made."""
    run_scripts(OWN.read_text())


def downgrade() -> None:
    """Whoever subscribed finds nothing any more."""
    run_scripts(
        "DROP TABLE calendar_links",
        "DROP INDEX bookings_cancelled",
        "ALTER TABLE bookings DROP COLUMN changed_at",
    )
