"""Taxes by country; cards are told again, with them."""

from __future__ import annotations

from pathlib import Path

from shared.migrations import run_scripts

revision = "0005"
down_revision = "0004"

OWN = Path(__file__).with_suffix(".sql")


def upgrade() -> None:
    """Make the table, with the taxes of some countries as they stand in 2026."""
    run_scripts(OWN.read_text())


def downgrade() -> None:
    """Drop it, with what it has."""
    run_scripts("DROP TABLE taxes; ALTER TABLE workshops DROP COLUMN country")
