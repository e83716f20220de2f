"""Indexes for what else would read everybody's rows for those of one."""

from __future__ import annotations

from pathlib import Path

from shared.migrations import run_scripts

revision = "0007"
down_revision = "0006"

OWN = Path(__file__).with_suffix(".sql")


def upgrade() -> None:
    """Make them."""
    run_scripts(OWN.read_text())


def downgrade() -> None:
    """Drop them."""
    run_scripts("DROP INDEX endpoints_sees_all, deliveries_given_up, emails_address")
