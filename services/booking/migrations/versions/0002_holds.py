"""Holds: rows of bookings that have no customer yet, under the same constraint."""

from __future__ import annotations

from pathlib import Path

from shared.migrations import run_scripts

revision = "0002"
down_revision = "0001"

OWN = Path(__file__).with_suffix(".sql")


def upgrade() -> None:
    """Let a row be a hold."""
    run_scripts(OWN.read_text())


def downgrade() -> None:
    """Holds that stand can't be told apart from bookings without this."""
    raise RuntimeError("not taken back: deploy the newer version instead")
