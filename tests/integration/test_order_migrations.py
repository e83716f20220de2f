"""A database of the first release, with orders in it, brought up to date."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from alembic import command
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine

from infra.databases import MakeDatabase
from services.order.repository import ledger, orders
from services.order.tables.orders import orders as table
from shared.migrations import config, upgrade

LINE = """{"id": "itm_1", "service": "tyres", "description": "Four tyres", "quantity": 4,
    "notes": null, "price": {"amount": 40000, "currency": "AUD"},
    "tax": {"amount": 4000, "currency": "AUD"}}"""
TERMS = f"""{{"type": "reconditioning", "currency": "AUD", "lines": [{LINE}],
    "vehicle": {{"vin": "1HGCM82633A004352",
                 "registration": {{"plate": "abc 12-3", "country": "AU"}}}}}}"""
ORDER = text("""
INSERT INTO orders (id, partner_id, status, terms, paid, sequence, created_at)
VALUES (:id, 'par_1', :status, CAST(:terms AS jsonb), :paid, 1, now())
""")
PAYMENT = text("""
INSERT INTO payments (id, order_id, method, token, amount, currency, status, refunded, refund_due,
                      sequence, created_at, correlation_id)
VALUES (:id, :of, 'card', 'tok_visa', 44000, 'AUD', :status, 0, 0, 1, now(), 'req_1')
""")
HISTORY = text("""
INSERT INTO order_history (order_id, at, effective_at, actor_role, to_status, reason, changes)
VALUES ('ord_1', now(), now(), 'partner', 'pending', :reason, CAST(:changes AS jsonb))
""")


def first_release(url: str, revision: str = "0001") -> Callable[[Connection], None]:
    def make(connection: Connection) -> None:
        settings = config("order", url)
        settings.attributes["connection"] = connection
        command.upgrade(settings, revision)

    return make


@pytest.mark.seed(11, 71)
async def test_orders_of_the_first_release_are_whole(database: MakeDatabase) -> None:
    url = await database()
    engine = create_async_engine(url)
    async with engine.begin() as connection:
        await connection.run_sync(first_release(url))
        for named in (
            {"id": "ord_paid", "status": "pending", "paid": True},
            {"id": "ord_open", "status": "awaiting-payment", "paid": False},
        ):
            await connection.execute(ORDER, named | {"terms": TERMS})
        for payment_id, of, status in (
            ("pay_1", "ord_paid", "failed"),
            ("pay_2", "ord_paid", "succeeded"),
            ("pay_3", "ord_open", "failed"),
        ):
            await connection.execute(PAYMENT, {"id": payment_id, "of": of, "status": status})
    assert await upgrade("order", url)
    found: dict[str, Any] = {}
    async with engine.connect() as connection:
        for order in await orders.page(
            connection, [table.c.plate == "ABC123"], before=None, limit=9
        ):
            found[order.id] = (
                order.payment_method,
                order.amount_paid,
                order.balance_due.amount,
                order.supplements,
            )
        kept = (await ledger.of_orders(connection, ["ord_paid", "ord_open"])).values()
        assert [[each.id for each in paid] for paid in kept] == [["pay_1", "pay_2"], ["pay_3"]]
    await engine.dispose()
    assert found == {"ord_paid": ("card", 44000, 0, ()), "ord_open": (None, 0, 44000, ())}


async def test_the_history_forgets_what_files_were_called(database: MakeDatabase) -> None:
    url = await database()
    engine = create_async_engine(url)
    told = [
        ("front Dana 0412.jpg was attached", '[{"field": "attachments", "before": 0, "after": 1}]'),
        ("a.pdf was removed", '[{"field": "attachments", "before": 1, "after": 0}]'),
        ("the bumper was attached", '[{"field": "status", "before": "a", "after": "b"}]'),
    ]
    async with engine.begin() as connection:
        await connection.run_sync(first_release(url))
        named = {"id": "ord_1", "status": "pending", "paid": False, "terms": TERMS}
        await connection.execute(ORDER, named)
    async with engine.begin() as connection:
        await connection.run_sync(first_release(url, "0017"))
        for reason, changes in told:
            await connection.execute(HISTORY, {"reason": reason, "changes": changes})
    assert await upgrade("order", url)
    async with engine.connect() as connection:
        kept = await connection.execute(text("SELECT reason FROM order_history ORDER BY position"))
        assert [*kept.scalars()] == [
            "A file was attached",
            "A file was removed",
            "the bumper was attached",
        ]
    await engine.dispose()
