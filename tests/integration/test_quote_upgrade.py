"""A quote of the first release, after all that came since."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from alembic import command
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine

from infra.access import SigningKeys
from infra.databases import MakeDatabase
from infra.running import client_of
from services.quote.main import build
from services.quote.settings import QuoteSettings
from shared import migrations

QUOTE = """
INSERT INTO quotes (id, partner_id, status, version, sequence, vehicle, currency, rounding,
                    checkout_url, created_at, expires_at, estimated_completion_at)
VALUES ('quo_1', 'par_1', 'awaiting-payment', 1, 1, CAST(:vehicle AS jsonb), 'AUD', 'half-up',
        'http://roadworthy.test/checkout/quo_1', :now, :later, :later)
"""
LINE = """
INSERT INTO quote_items (quote_id, line, id, service, description, quantity, labour, parts, fees,
                         tax, duration, "authorization")
VALUES ('quo_1', 0, 'itm_1', 'paint', 'Paint, one panel', 2, 30000, 5000, 500, 3550, '4 hours',
        'open')
"""
VEHICLE = """
{"vin": "1HGCM82633A004352", "registration": null, "make": null, "model": null, "year": null,
 "mileage": 84000, "vehicle_class": "any"}
"""


def first_release(connection: Connection) -> None:
    settings = migrations.config("quote", "")
    settings.attributes["connection"] = connection
    command.upgrade(settings, "0001")


async def test_a_quote_of_the_first_release_can_be_read_and_decided(
    database: MakeDatabase, keys: SigningKeys
) -> None:
    url = await database()
    now = datetime.now(UTC)
    engine = create_async_engine(url)
    async with engine.begin() as connection:
        await connection.run_sync(first_release)
        moments = {"now": now, "later": now + timedelta(days=7)}
        await connection.execute(text(QUOTE), {"vehicle": VEHICLE, **moments})
        await connection.execute(text(LINE))
    await engine.dispose()
    assert await migrations.upgrade("quote", url)

    service = build(QuoteSettings(database_url=url), keys=keys)
    headers = keys.headers("partner", partner_id="par_1")
    async with client_of(service) as client:
        quote = (await client.get("/v1/quotes/quo_1", headers=headers)).json()
        assert quote["total"] == {"amount": 39050, "currency": "AUD"}
        [line] = quote["items"]
        assert line["discount"] == line["sublet"] == {"amount": 0, "currency": "AUD"}
        assert (line["authorization"], line["authorized_by"], line["how"]) == ("open", None, None)
        path = "/v1/quotes/quo_1/items/itm_1"
        word = {"authorization": "authorized"}
        decided = (await client.patch(path, json=word, headers=headers)).json()
        assert decided["authorized_total"] == quote["total"]
        body = {"items": [{"service": "paint"}]}
        await client.post("/v1/quotes/quo_1/revise", json=body, headers=headers)
        versions = (await client.get("/v1/quotes/quo_1/versions/1", headers=headers)).json()
        assert versions["quote"] == decided
    await service.engine.dispose()
