"""Invoices, credit notes, who issues them and to whom; orders placed before have none."""

from __future__ import annotations

from pathlib import Path

from shared.migrations import run_scripts

revision = "0003"
down_revision = "0002"

OWN = Path(__file__).with_suffix(".sql")


def upgrade() -> None:
    """Make the tables."""
    run_scripts(OWN.read_text())


def downgrade() -> None:
    """Refuse: numbers that were given may not be given again."""
    raise RuntimeError("invoices can't be taken back: restore a backup instead")
