"""Taxes by region, each with a name; what lines were taxed by is kept as a list."""

from __future__ import annotations

from pathlib import Path

from shared.migrations import run_scripts

revision = "0009"
down_revision = "0008"

OWN = Path(__file__).with_suffix(".sql")


def upgrade() -> None:
    """Name the taxes that are there, and bring those of Canada's provinces as of 2026.

    Canada's come only where nobody has set any for the country.
    """
    run_scripts(OWN.read_text())


def downgrade() -> None:
    """Lines with several taxes have no place in the former rows."""
    raise RuntimeError("restore a backup instead: lines with several taxes can't be kept")
