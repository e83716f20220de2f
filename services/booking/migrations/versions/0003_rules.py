"""How a workshop wants to be booked, its special days, and what its services need."""

from __future__ import annotations

from pathlib import Path

from shared.migrations import run_scripts

revision = "0003"
down_revision = "0002"

OWN = Path(__file__).with_suffix(".sql")


def upgrade() -> None:
    """Add what is new; of workshops that are there, nothing is asked that wasn't."""
    run_scripts(OWN.read_text())


def downgrade() -> None:
    """Refuse: bookings were made by these rules."""
    raise RuntimeError("rules can't be given up: restore a backup instead")
