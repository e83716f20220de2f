"""Supplements, and how much of an order was paid."""

from __future__ import annotations

from pathlib import Path

from shared.migrations import run_scripts

revision = "0004"
down_revision = "0003"

OWN = Path(__file__).with_suffix(".sql")


def upgrade() -> None:
    """Add the columns; what was paid for the orders there are is read off their payments."""
    run_scripts(OWN.read_text())


def downgrade() -> None:
    """Drop them, with what they have."""
    run_scripts("ALTER TABLE orders DROP COLUMN supplements, DROP COLUMN amount_paid")
