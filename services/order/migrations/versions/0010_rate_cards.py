"""Rate cards as the quote service tells of them, and where workshops are."""

from __future__ import annotations

from pathlib import Path

from shared.migrations import run_scripts

revision = "0010"
down_revision = "0009"

OWN = Path(__file__).with_suffix(".sql")


def upgrade() -> None:
    """Make the table, and the column: what was told before stays unknown until it is told again."""
    run_scripts(OWN.read_text())


def downgrade() -> None:
    """Drop them: they are others' to tell again."""
    run_scripts("DROP TABLE rate_cards", "ALTER TABLE workshops DROP COLUMN country")
