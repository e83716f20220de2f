"""Deals."""

from __future__ import annotations

from pathlib import Path

from shared.migrations import run_scripts

revision = "0002"
down_revision = "0001"

OWN = Path(__file__).with_suffix(".sql")


def upgrade() -> None:
    """Make the table."""
    run_scripts(OWN.read_text())


def downgrade() -> None:
    """Drop it, with what it has."""
    run_scripts("DROP TABLE deals")
