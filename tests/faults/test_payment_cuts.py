"""The order service is killed at every step of taking money and of giving it back."""

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
from infra.waiting import eventually
from roadworthy.embedded.ports import LOOPBACK
from services.order.main import build
from services.order.settings import OrderSettings
from shared.ids import new_id
from shared.shift import ShiftedClock

TOTAL = 44000
PAID = ["payment.succeeded", "service.created"]
REFUNDED = [*PAID, "service.updated", "payment.refunded"]

BEGIN = ("payments", "INSERT INTO payments%")
CHARGE = ("sandbox_charges", "INSERT INTO sandbox_charges%")
SETTLE = ("orders", "SELECT orders.%")  # with FOR UPDATE: others need not wait
COMMIT = ("outbox", "%WITH logged AS%")
ANSWER = ("idempotency_keys", "%INSERT INTO idempotency_keys%")
REFUND = ("sandbox_refunds", "INSERT INTO sandbox_refunds%")


COUNTED = """
WITH its_orders AS (SELECT id FROM orders WHERE quote_id = :q),
ours AS (SELECT id FROM payments WHERE order_id IN (SELECT id FROM its_orders))
SELECT
    (SELECT count(*) FROM ours) AS payments,
    (SELECT count(*) FROM sandbox_charges WHERE key IN (SELECT id FROM ours)) AS charges,
    (SELECT count(*) FROM sandbox_refunds WHERE charge_key IN (SELECT id FROM ours)) AS refunds,
    (SELECT count(*) FROM events WHERE (type LIKE 'payment.%' OR type LIKE 'service.%')
        AND subject IN (SELECT id FROM ours UNION SELECT id FROM its_orders)) AS told
"""


@dataclass(frozen=True)
class Moment:
    """Where the service is killed: at the last of these waits, and what stands by then."""

    name: str
    waits: tuple[tuple[str, str], ...]
    stands: dict[str, int]

    def __str__(self) -> str:
        return self.name


def standing(*, payments: int, charges: int, told: int, refunds: int = 0) -> dict[str, int]:
    return {"payments": payments, "charges": charges, "told": told, "refunds": refunds}


BUYING = [
    Moment("before it is begun", (BEGIN,), standing(payments=0, charges=0, told=0)),
    Moment("begun, not charged", (CHARGE,), standing(payments=1, charges=0, told=0)),
    Moment("charged, not settled", (CHARGE, SETTLE), standing(payments=1, charges=1, told=0)),
    Moment("settled, not committed", (COMMIT,), standing(payments=1, charges=1, told=0)),
    Moment("committed, not answered", (ANSWER,), standing(payments=1, charges=1, told=2)),
]
CANCELING = [
    Moment("asked for, not committed", (COMMIT,), standing(payments=1, charges=1, told=2)),
    Moment("owed, not given back", (REFUND,), standing(payments=1, charges=1, told=3)),
    Moment(
        "given back, not booked",
        (REFUND, SETTLE),
        standing(payments=1, charges=1, told=3, refunds=1),
    ),
    Moment(
        "booked, not committed",
        (REFUND, COMMIT),
        standing(payments=1, charges=1, told=3, refunds=1),
    ),
]


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
            assert await self.counted(quote_id) == moment.stands
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


@pytest_asyncio.fixture(scope="module")
async def quotes(shop: Shop) -> list[tuple[str, str]]:
    """Tell of all quotes at once, so that a restarted service need not wait for its group."""
    made = []
    for _ in (*BUYING, *CANCELING):
        account = new_id("par")
        made.append((account, (await shop.desk.quote(account)).id))

    async def arrived() -> bool:
        return bool(await shop.desk.scalar("SELECT count(*) FROM quotes") == len(made))

    await eventually(arrived)
    return made


@pytest.mark.seed(7, 8)
@pytest.mark.parametrize("moment", BUYING, ids=str)
async def test_a_purchase_that_is_cut_off_is_one_order_and_one_charge(
    shop: Shop, quotes: list[tuple[str, str]], moment: Moment
) -> None:
    account, quote_id = quotes.pop()
    headers = shop.desk.partner(account) | {"Idempotency-Key": "buy", "Prefer": "wait=10"}
    await shop.killed_at(moment, quote_id, shop.desk.buy(headers, quote_id))
    if moment.stands["payments"]:
        # Nobody has to ask again: what was begun is brought to its end.
        query = "SELECT id FROM orders WHERE quote_id = :q AND status = 'pending'"
        await eventually(lambda: shop.desk.scalar(query, q=quote_id))
    answer = await shop.desk.buy(headers, quote_id)
    assert (answer.status_code, answer.json()["status"]) == (201, "pending")
    assert await shop.counted(quote_id) == standing(payments=1, charges=1, told=2)
    assert await shop.types(quote_id) == PAID
    [payment] = answer.json()["payments"]
    assert (payment["status"], payment["amount"]["amount"]) == ("succeeded", TOTAL)


@pytest.mark.seed(21)
@pytest.mark.parametrize("moment", CANCELING, ids=str)
async def test_a_refund_that_is_cut_off_is_made_once(
    shop: Shop, quotes: list[tuple[str, str]], moment: Moment
) -> None:
    account, quote_id = quotes.pop()
    headers = shop.desk.partner(account)
    order = (await shop.desk.buy(headers | {"Prefer": "wait=10"}, quote_id)).json()
    path, body = f"/v1/orders/{order['id']}/cancel", {"reason": "sold"}
    keyed = headers | {"Idempotency-Key": "cancel"}
    await shop.killed_at(moment, quote_id, shop.desk.client.post(path, json=body, headers=keyed))
    answer = await shop.desk.client.post(path, json=body, headers=keyed)
    assert (answer.status_code, answer.json()["status"]) == (200, "canceled")

    async def given_back() -> bool:
        [payment] = (await shop.desk.read(order["id"]))["payments"]
        return bool(payment["status"] == "refunded" and payment["refunded"]["amount"] == TOTAL)

    await eventually(given_back)
    assert await shop.counted(quote_id) == standing(payments=1, charges=1, told=4, refunds=1)
    assert sorted(await shop.types(quote_id)) == sorted(REFUNDED)
    back = "SELECT sum(amount) FROM sandbox_refunds WHERE charge_key = :p"
    assert await shop.desk.scalar(back, p=order["payment"]["id"]) == TOTAL
