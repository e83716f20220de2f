"""How an order is paid, and what it is found by."""

from __future__ import annotations

from pathlib import Path

from shared.migrations import run_scripts

revision = "0009"
down_revision = "0008"

OWN = Path(__file__).with_suffix(".sql")


def upgrade() -> None:
    """Add the columns, filled for the orders there are, and their indexes."""
    run_scripts(OWN.read_text())


def downgrade() -> None:
    """Drop them: all they have stands in the orders' terms and payments, too."""
    run_scripts(
        "DROP INDEX orders_partner_created",
        "ALTER TABLE orders DROP COLUMN payment_method, DROP COLUMN vin, DROP COLUMN plate",
    )
