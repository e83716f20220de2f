"""The order service in a process of its own, killed where it waits for certain."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
import pytest_asyncio
from aiohttp import web
from sqlalchemy import text

from infra.access import SigningKeys
from infra.databases import MakeDatabase
from infra.deployed import ServiceProcess
from infra.holding import Hold
from infra.orders import OrderDesk
from infra.plumbing import driverless
from infra.running import bus_settings
from infra.servers import INFRA
from roadworthy.embedded.ports import LOOPBACK
from services.order.main import build
from services.order.settings import OrderSettings
from shared.shift import ShiftedClock

BEGIN = ("payments", "INSERT INTO payments%")
CHARGE = ("sandbox_charges", "INSERT INTO sandbox_charges%")
SETTLE = ("orders", "SELECT orders.%")  # with FOR UPDATE: others need not wait
COMMIT = ("outbox", "%logged AS%")
ANSWER = ("idempotency_keys", "%INSERT INTO idempotency_keys%")
REFUND = ("sandbox_refunds", "INSERT INTO sandbox_refunds%")


COUNTED = """
WITH its_orders AS (SELECT id FROM orders WHERE quote_id = :q),
its_invoices AS (SELECT id FROM invoices WHERE id IN (
    SELECT invoice_id FROM invoice_lines WHERE order_id IN (SELECT id FROM its_orders))),
ours AS (SELECT id FROM payments WHERE order_id IN (SELECT id FROM its_orders)
    OR invoice_id IN (SELECT id FROM its_invoices))
SELECT
    (SELECT count(*) FROM ours) AS payments,
    (SELECT count(*) FROM sandbox_charges WHERE key IN (SELECT id FROM ours)) AS charges,
    (SELECT count(*) FROM sandbox_refunds WHERE charge_key IN (SELECT id FROM ours)) AS refunds,
    (SELECT count(*) FROM events WHERE (type LIKE 'payment.%' OR type LIKE 'service.%')
        AND subject IN (SELECT id FROM ours UNION SELECT id FROM its_orders)) AS told,
    (SELECT count(*) FROM events WHERE type = 'invoice.paid'
        AND subject IN (SELECT id FROM its_invoices)) AS bills_paid
"""


@dataclass(frozen=True)
class Moment:
    """Where the service is killed: at the last of these waits, and what stands by then."""

    name: str
    waits: tuple[tuple[str, str], ...]
    stands: dict[str, int]

    def __str__(self) -> str:
        return self.name


def standing(
    *, payments: int, charges: int, told: int, refunds: int = 0, bills_paid: int | None = None
) -> dict[str, int]:
    paid = {} if bills_paid is None else {"bills_paid": bills_paid}
    return {"payments": payments, "charges": charges, "told": told, "refunds": refunds} | paid


@dataclass
class Shop:
    """The order service in a process of its own, and its database."""

    desk: OrderDesk
    process: ServiceProcess
    dsn: str

    async def counted(self, quote_id: str) -> dict[str, int]:
        """Count what stands of a quote: here, at the provider, and told to others."""
        async with self.desk.service.database.reading() as connection:
            found = await connection.execute(text(COUNTED), {"q": quote_id})
            return dict(found.mappings().one())

    async def killed_at(self, moment: Moment, quote_id: str, request: Awaitable[Any]) -> None:
        """Send a request, and kill the service when it is there."""
        async with AsyncExitStack() as held:
            [first, *further] = moment.waits
            hold = await held.enter_async_context(Hold(self.dsn, first[0]))
            sent = asyncio.ensure_future(request)
            await hold.until_waited_for(first[1])
            for table, statement in further:
                following = Hold(self.dsn, table)
                await held.enter_async_context(following)
                await hold.release()
                hold = following
                await following.until_waited_for(statement)
            stands = await self.counted(quote_id)
            assert stands | moment.stands == stands
            self.process.end()
            with suppress(httpx.TransportError):
                await sent
        await self.process.start("/healthz")

    async def types(self, quote_id: str) -> list[str]:
        """List what was told of a quote's order and payments, in its order."""
        order_id = await self.desk.scalar("SELECT id FROM orders WHERE quote_id = :q", q=quote_id)
        order = await self.desk.read(order_id)
        return [type_ for type_, _ in await self.desk.events(order)]


@pytest_asyncio.fixture(scope="module")
async def jwks(keys: SigningKeys) -> AsyncIterator[str]:
    """Publish the keys of the tests' tokens."""

    async def answer(_: web.Request) -> web.Response:
        return web.json_response((await keys.keys()).as_dict(private=False))

    app = web.Application()
    app.router.add_get("/jwks.json", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, LOOPBACK, 0).start()
    yield f"http://{LOOPBACK}:{runner.addresses[0][1]}/jwks.json"
    await runner.cleanup()


@pytest_asyncio.fixture(scope="module")
async def shop(
    tmp_path_factory: pytest.TempPathFactory,
    module_database: MakeDatabase,
    kafka_bootstrap: str,
    topic_prefix: str,
    keys: SigningKeys,
    jwks: str,
) -> AsyncIterator[Shop]:
    bus = bus_settings(kafka_bootstrap, topic_prefix, embedded=INFRA == "embedded")
    url = await module_database("order")
    own = {"database_url": url, "jwks_url": jwks, "payment_first_look_seconds": 0.5}
    environment = {name.upper(): str(value) for name, value in (bus | own).items()}
    process = ServiceProcess("order", tmp_path_factory.mktemp("order"), environment)
    # It runs nothing: the tests ask its database, and put on topics by its settings.
    service = build(OrderSettings(**bus, **own), keys=keys)
    await process.start()
    try:
        async with httpx.AsyncClient(base_url=f"http://{process.address}", timeout=20) as client:
            clock = ShiftedClock()
            desk = OrderDesk(service, OrderSettings(**bus, **own), client, clock, keys)
            yield Shop(desk, process, driverless(url))
    finally:
        process.end()
        await service.engine.dispose()
