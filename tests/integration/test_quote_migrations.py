"""A quote database from before rate cards had versions: its rows and prices survive."""

from __future__ import annotations

from alembic import command
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine

from infra.databases import MakeDatabase
from shared.migrations import config, upgrade

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
