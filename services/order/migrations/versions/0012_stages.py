"""Time in stage: when changes came into effect, policies, alarms, and the workshops' hours."""

from __future__ import annotations

from pathlib import Path

from shared.migrations import run_scripts

revision = "0012"
down_revision = "0011"

OWN = Path(__file__).with_suffix(".sql")


def upgrade() -> None:
    """Make the tables; what was said so far came into effect when it was said."""
    run_scripts(OWN.read_text())


def downgrade() -> None:
    """Drop it, with what it has."""
    run_scripts(
        "DROP TABLE stage_alarms",
        "DROP TABLE stage_limits",
        "DROP TABLE stage_policies",
        "DROP INDEX orders_underway",
        "ALTER TABLE order_history DROP COLUMN effective_at",
        "ALTER TABLE workshops DROP COLUMN time_zone, DROP COLUMN hours",
    )
