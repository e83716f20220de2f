"""Rate cards with versions, by workshop and by period; the rates there are become version 1."""

from __future__ import annotations

from pathlib import Path

from alembic import op
from sqlalchemy import text

from shared.ids import new_id
from shared.migrations import run_scripts

revision = "0002"
down_revision = "0001"

OWN = Path(__file__).with_suffix(".sql")

CARD = text("""
INSERT INTO rate_cards (id, service, version, sequence) VALUES (:id, :service, 1, 0)
""")
VERSION = text("""
INSERT INTO rate_card_versions (card_id, version, title, currency, rounding, recorded_at)
SELECT :id, 1, min(title), min(currency), 'half-up', now()
FROM former_rates WHERE service = :service
""")
RATES = text("""
INSERT INTO rates (card_id, version, line, vehicle_class, labour_hours, hourly_rate, parts, sublet,
                   fees, discount, tax_rate, own_tax, by_person)
SELECT :id, 1, row_number() OVER (ORDER BY vehicle_class) - 1, vehicle_class, labour_hours,
       hourly_rate, parts, 0, fees, 0, round(tax_rate, greatest(min_scale(tax_rate), 2)),
       false, false
FROM former_rates WHERE service = :service
""")


def upgrade() -> None:
    """Make the tables, and move the rates into them; each card's event is owed."""
    run_scripts(OWN.read_text())
    connection = op.get_bind()
    services = connection.execute(text("SELECT DISTINCT service FROM former_rates ORDER BY 1"))
    for service in services.scalars().all():
        named = {"id": new_id("rtc"), "service": service}
        for statement in (CARD, VERSION, RATES):
            connection.execute(statement, named)
    run_scripts("DROP TABLE former_rates")


def downgrade() -> None:
    """Take nothing back: versions and periods have no place in the former table."""
    raise RuntimeError("rate cards can't lose their versions: restore the database instead")
