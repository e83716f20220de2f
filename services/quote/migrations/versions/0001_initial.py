"""The quote service's tables, and the rate card that ships with the product."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

from alembic import op
from sqlalchemy import column, table

from shared import tables
from shared.migrations import run_scripts

revision = "0001"
down_revision = None

OWN = Path(__file__).with_suffix(".sql")
OF_SERVICE = ("service", "vehicle_class", "title", "labour_hours", "parts", "fees")
OF_CARD = ("hourly_rate", "tax_rate", "currency")
CARD = Path(__file__).parents[2] / "default_rate_card.json"


def upgrade() -> None:
    """Make all tables, and put the default rate card in."""
    run_scripts(OWN.read_text(), tables.EVENTS, tables.INBOX, tables.IDEMPOTENCY)
    card = json.loads(CARD.read_text())
    op.bulk_insert(
        table("rates", *(column(name) for name in (*OF_SERVICE, *OF_CARD))),
        [
            {
                "service": service,
                "title": entry["title"],
                "vehicle_class": vehicle_class,
                "labour_hours": Decimal(entry["hours"]) * Decimal(factor),
                "hourly_rate": card["hourly_rate"],
                "parts": int(entry["parts"] * Decimal(card["parts_factor"][vehicle_class])),
                "fees": entry["fees"],
                "tax_rate": Decimal(card["tax_rate"]),
                "currency": card["currency"],
            }
            for service, entry in card["services"].items()
            for vehicle_class, factor in card["labour_factor"].items()
        ],
    )


def downgrade() -> None:
    """Nothing comes before this."""
    raise RuntimeError("the first revision can't be taken back: drop the database instead")
