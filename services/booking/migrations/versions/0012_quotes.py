"""Quotes, whose work may be booked: what comes in by event, and which booking is of which."""

from __future__ import annotations

from pathlib import Path

from shared import tables
from shared.migrations import run_scripts

revision = "0012"
down_revision = "0011"

OWN = Path(__file__).with_suffix(".sql")


def upgrade() -> None:
    """Begin to listen; a new group reads what the topic still has."""
    run_scripts(tables.INBOX, OWN.read_text())


def downgrade() -> None:
    """Forget which booking was of which quote."""
    run_scripts(
        "DROP INDEX bookings_of_quote",
        "ALTER TABLE bookings DROP COLUMN quote_id",
        "DROP TABLE quotes",
        "DROP TABLE parked",
        "DROP TABLE inbox",
    )
