"""Refunds from before each had a key: the provider may have been asked for them by the old one."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine

from infra.databases import MakeDatabase
from services.order.repository import ledger
from shared.migrations import config

ORDER = """
INSERT INTO orders (id, partner_id, status, terms, paid, sequence, created_at, supplements,
    amount_paid)
VALUES ('ord_1', 'par_1', 'canceled', '{}', true, 2, now(), '[]', 44000)
"""
PAYMENTS = """
INSERT INTO payments (id, order_id, method, token, amount, currency, status, refunded, refund_due,
    sequence, created_at, correlation_id)
VALUES ('pay_1', 'ord_1', 'card', 't', 44000, 'AUD', 'failed', 0, 0, 1, now(), 'c'),
       ('pay_2', 'ord_1', 'card', 't', 44000, 'AUD', 'refunded', 44000, 0, 2, now(), 'c'),
       ('pay_3', 'ord_1', 'card', 't', 44000, 'AUD', 'succeeded', 0, 44000, 1, now(), 'c')
"""


async def test_what_was_owed_keeps_the_key_that_the_provider_may_know(
    database: MakeDatabase,
) -> None:
    url = await database()
    settings = config("order", url)
    engine = create_async_engine(url)
    async with engine.begin() as connection:
        await connection.run_sync(_upgrade, settings, "0005")
        await connection.execute(text(ORDER))
        await connection.execute(text(PAYMENTS))
    async with engine.begin() as connection:
        await connection.run_sync(_upgrade, settings, "head")
    async with engine.connect() as connection:
        never, back, owed = (await ledger.of_orders(connection, ["ord_1"]))["ord_1"]
    await engine.dispose()
    assert (never.refunds, never.left.amount) == ((), 0)
    assert (back.refunded.amount, back.refund_due.amount, back.left.amount) == (44000, 0, 0)
    [due] = owed.refunds
    assert (due.id, due.amount.amount, due.made_at) == ("pay_3.0", 44000, None)


def _upgrade(connection: Connection, settings: Config, revision: str) -> None:
    settings.attributes["connection"] = connection
    command.upgrade(settings, revision)
