"""What the booking page needs: who may frame it, who came by a link, how often visitors try."""

from __future__ import annotations

from pathlib import Path

from shared.migrations import run_scripts

revision = "0009"
down_revision = "0008"

OWN = Path(__file__).with_suffix(".sql")


def upgrade() -> None:
    """Widen; no workshop allows a frame yet."""
    run_scripts(OWN.read_text())


def downgrade() -> None:
    """Bookings that came by a link would be of no source."""
    raise RuntimeError("not taken back: deploy the newer version instead")
