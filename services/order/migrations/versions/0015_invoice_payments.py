"""Payments of invoices beside those of orders."""

from __future__ import annotations

from pathlib import Path

from shared.migrations import run_scripts

revision = "0015"
down_revision = "0014"

OWN = Path(__file__).with_suffix(".sql")


def upgrade() -> None:
    """Add the column; every payment so far is an order's."""
    run_scripts(OWN.read_text())


def downgrade() -> None:
    """Drop it; where an invoice was paid by card this fails, and nothing is lost."""
    run_scripts(
        "DROP INDEX invoices_order",
        "DROP INDEX payments_invoice",
        "DROP INDEX payments_one_open_of_invoice",
        "ALTER TABLE payments DROP CONSTRAINT of_an_order_or_an_invoice",
        "ALTER TABLE payments ALTER COLUMN order_id SET NOT NULL, DROP COLUMN invoice_id",
    )
