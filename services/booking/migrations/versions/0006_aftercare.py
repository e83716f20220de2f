"""Customers by contact, what a vehicle's odometer shows, and what comes of reminders."""

from __future__ import annotations

from pathlib import Path

from shared.migrations import run_scripts

revision = "0006"
down_revision = "0005"

OWN = Path(__file__).with_suffix(".sql")


def upgrade() -> None:
    """Add what aftercare needs; bookings of before stay without a customer's id."""
    run_scripts(OWN.read_text())


def downgrade() -> None:
    """Who wants no reminders would be forgotten."""
    raise RuntimeError("not taken back: deploy the newer version instead")
