"""A quote database from before rate cards had versions: its rows and prices survive."""

from __future__ import annotations

from decimal import Decimal

from alembic import command
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine

from infra.databases import MakeDatabase
from services.quote.domain.tax import Tax
from services.quote.repository import bases
from shared.migrations import config, upgrade
from shared.money import Rounding

QUOTE = """
INSERT INTO quotes (id, partner_id, status, version, sequence, vehicle, currency, rounding,
                    checkout_url, created_at, expires_at, estimated_completion_at)
VALUES ('quo_1', 'par_1', 'awaiting-payment', 1, 1, '{"vin": "1HGCM82633A004352"}', 'AUD',
        'half-up', 'https://example.com/checkout/quo_1', now(), now(), now())
"""
LINE = """
INSERT INTO quote_items (quote_id, line, id, service, description, quantity, labour, parts, fees,
                         tax, duration, "authorization")
VALUES ('quo_1', 0, 'itm_1', 'paint', 'Paint', 1, 100, 20, 3, 12, '1 hour', 'open')
"""
OWN_RATE = "UPDATE rates SET parts = 4242, tax_rate = 0.125 WHERE service = 'paint'"
WORKSHOP = "INSERT INTO workshops (id, partner_id) VALUES ('wks_1', 'par_2')"
RATES = """
SELECT c.version, c.sequence, c.told_at, v.title, v.rounding, r.vehicle_class, r.parts, r.tax_rate
FROM rates r JOIN rate_cards c ON c.id = r.card_id
JOIN rate_card_versions v ON v.card_id = c.id AND v.version = r.version
WHERE c.service = 'paint' AND c.workshop_id IS NULL ORDER BY r.vehicle_class
"""
BASED = """
INSERT INTO quote_items (quote_id, line, id, service, description, quantity, labour, parts, fees,
                         tax, duration, "authorization", basis)
VALUES ('quo_1', 1, 'itm_2', 'wash', 'Wash', 1, 100, 20, 3, 12, '1 hour', 'open',
        '{"labour_hours" : "1.00", "hourly_rate" : 100, "rounding" : "half-up", "tax_rate" : "0.1",
          "tax_rounding" : "down", "country" : "AU", "card_id" : null, "card_version" : null}')
"""
OWN_TAX = """
INSERT INTO taxes (country, line, tax_rate, rounding) VALUES ('CA', 0, 0.05, 'half-even')
"""
LINES = "SELECT labour, parts, sublet, fees, discount, tax, basis FROM quote_items"


async def test_what_stood_in_the_first_tables_stands_in_the_last(database: MakeDatabase) -> None:
    url = await database()
    await _begin(url, "0001", QUOTE, LINE, OWN_RATE, WORKSHOP)
    assert await upgrade("quote", url)
    assert not await upgrade("quote", url)

    engine = create_async_engine(url)
    async with engine.connect() as connection:
        rates = (await connection.execute(text(RATES))).all()
        [line] = (await connection.execute(text(LINES))).all()
        [country] = (await connection.execute(text("SELECT country FROM workshops"))).scalars()
    await engine.dispose()
    assert len(rates) == 7
    assert {(rate.version, rate.sequence, rate.told_at) for rate in rates} == {(1, 0, None)}
    assert {(str(rate.tax_rate), rate.parts) for rate in rates} == {("0.125", 4242)}
    assert tuple(line) == (100, 20, 0, 3, 0, 12, None)
    assert country is None


async def test_a_line_keeps_its_tax_and_a_country_what_it_has_of_them(
    database: MakeDatabase,
) -> None:
    url = await database()
    await _begin(url, "0008", QUOTE, BASED, OWN_TAX)
    assert await upgrade("quote", url)
    engine = create_async_engine(url)
    async with engine.connect() as connection:
        [line] = (await connection.execute(text("SELECT basis FROM quote_items"))).scalars()
        query = "SELECT jurisdiction, name, rounding FROM taxes WHERE jurisdiction IN {}"
        known = await connection.execute(text(query.format("('AU', 'CA', 'CA-QC')")))
        names = [tuple(row) for row in known]
    await engine.dispose()
    kept = bases.read(line, "AUD")
    assert kept.taxes == (Tax("Tax", Decimal("0.1"), Rounding.DOWN, "AU"),)
    assert (kept.labour_hours, kept.rounding) == (1, Rounding.HALF_UP)
    assert sorted(names) == [("AU", "GST", "half-up"), ("CA", "Tax", "half-even")]


async def _begin(url: str, revision: str, *statements: str) -> None:
    settings = config("quote", url)

    def upgrade_to(connection: Connection) -> None:
        settings.attributes["connection"] = connection
        command.upgrade(settings, revision)

    engine = create_async_engine(url)
    async with engine.begin() as connection:
        await connection.run_sync(upgrade_to)
        for statement in statements:
            await connection.execute(text(statement))
    await engine.dispose()
