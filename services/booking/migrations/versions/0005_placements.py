"""What is kept for a booking besides its bay, for how long, and what its day counts it as."""

from __future__ import annotations

from pathlib import Path

from shared.migrations import run_scripts

revision = "0005"
down_revision = "0004"

OWN = Path(__file__).with_suffix(".sql")


def upgrade() -> None:
    """Widen what is kept; what is booked already has its bay for the work, as it had."""
    run_scripts(OWN.read_text())


def downgrade() -> None:
    """Refuse: bays, technicians and cars were promised by these columns."""
    raise RuntimeError("what was promised can't be taken back: restore a backup instead")
