"""An index for each way in which orders are listed."""

from __future__ import annotations

from pathlib import Path

from shared.migrations import run_scripts

revision = "0016"
down_revision = "0015"

OWN = Path(__file__).with_suffix(".sql")


def upgrade() -> None:
    """Make them; `orders_partner_status` does what `orders_underway` did."""
    run_scripts(OWN.read_text())


def downgrade() -> None:
    """Drop them, and make the one that was replaced."""
    run_scripts(
        "DROP INDEX orders_external_reference, orders_partner_status, orders_workshop_status",
        "DROP INDEX orders_status, orders_created, orders_nobodys, orders_nobodys_status",
        "CREATE INDEX orders_underway ON orders (partner_id, status)"
        " WHERE status IN ('pending', 'in-progress', 'delayed')",
    )
