"""Closures and special days of workshops: they count in shop hours."""

from __future__ import annotations

from shared.migrations import run_scripts

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Add the columns; until a workshop is told of again, its week counts alone."""
    run_scripts("ALTER TABLE workshops ADD COLUMN special_days JSONB, ADD COLUMN closures JSONB")


def downgrade() -> None:
    """Drop them."""
    run_scripts("ALTER TABLE workshops DROP COLUMN special_days, DROP COLUMN closures")
