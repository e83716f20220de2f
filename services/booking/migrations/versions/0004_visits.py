"""How a booking came about, who cancelled it, and series of bookings."""

from __future__ import annotations

from pathlib import Path

from shared.migrations import run_scripts

revision = "0004"
down_revision = "0003"

OWN = Path(__file__).with_suffix(".sql")


def upgrade() -> None:
    """Add what bookings are asked now."""
    run_scripts(OWN.read_text())


def downgrade() -> None:
    """What was told of sources and series would be lost."""
    raise RuntimeError("not taken back: deploy the newer version instead")
