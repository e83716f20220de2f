"""The Stripe adapter's books."""

from __future__ import annotations

from pathlib import Path

from shared.migrations import run_scripts

revision = "0007"
down_revision = "0006"

OWN = Path(__file__).with_suffix(".sql")


def upgrade() -> None:
    """Make the table."""
    run_scripts(OWN.read_text())


def downgrade() -> None:
    """Refuse: what it knows is which charge is which payment."""
    raise RuntimeError("Stripe's payment ids can't be given up: restore a backup instead")
