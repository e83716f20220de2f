"""Attachments; the orders there are have none."""

from __future__ import annotations

from pathlib import Path

from shared.migrations import run_scripts

revision = "0011"
down_revision = "0010"

OWN = Path(__file__).with_suffix(".sql")


def upgrade() -> None:
    """Make the table, and count on the orders."""
    run_scripts(OWN.read_text())


def downgrade() -> None:
    """Refuse: the rows say which contents are whose."""
    raise RuntimeError("attachments can't be taken back: restore a backup instead")
