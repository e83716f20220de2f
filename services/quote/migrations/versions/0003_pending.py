"""Lines without a price, for a person to give; faults; who priced a quote of no named workshop."""

from __future__ import annotations

from pathlib import Path

from shared.migrations import run_scripts

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Loosen what had to be there, and add what is new."""
    run_scripts(Path(__file__).with_suffix(".sql").read_text())


def downgrade() -> None:
    """Quotes without prices have no place in the former tables."""
    raise RuntimeError("restore a backup instead: quotes without prices can't be kept")
