"""The partner service's tables."""

from __future__ import annotations

from pathlib import Path

from shared import tables
from shared.migrations import run_scripts

revision = "0001"
down_revision = None

OWN = Path(__file__).with_suffix(".sql")


def upgrade() -> None:
    """Make all tables."""
    run_scripts(OWN.read_text(), tables.EVENTS, tables.IDEMPOTENCY)


def downgrade() -> None:
    """Nothing comes before this."""
    raise RuntimeError("the first revision can't be taken back: drop the database instead")
