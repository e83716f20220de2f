"""An order service that runs on a real database and broker, and somebody who tells it of quotes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest_asyncio
from sqlalchemy import text

from infra.access import SigningKeys
from infra.databases import MakeDatabase
from infra.running import bus_settings, running
from infra.servers import INFRA
from infra.waiting import eventually
from services.order.handlers.settling import Till
from services.order.main import build
from services.order.payments.sandbox import Sandbox
from services.order.settings import OrderSettings
from shared.contracts import QuoteV1, WorkshopV1, topic_of
from shared.contracts.common import Amount, Contact, Contract, Vehicle
from shared.contracts.quote import QuoteItem
from shared.events import Event
from shared.ids import new_event_id, new_id
from shared.service import Service
from shared.shift import ShiftedClock

LATE_SECONDS = 1.5
PROVIDER_SECONDS = 1.0
FIRST_LOOK_SECONDS = 0.3


def aud(amount: int) -> Amount:
    return Amount(amount=amount, currency="AUD")


@dataclass
class OrderDesk:
    """The running service, and the other side of its topics."""

    service: Service
    settings: OrderSettings
    client: httpx.AsyncClient
    clock: ShiftedClock
    keys: SigningKeys

    @property
    def till(self) -> Till:
        """Take payments beside the service, by the same provider."""
        sandbox = Sandbox(
            self.service.engine,
            self.clock,
            url="http://bank.test",
            late=timedelta(seconds=self.settings.sandbox_late_seconds),
        )
        second = timedelta(seconds=1)
        return Till(self.service.database, sandbox, 5 * second, 2 * second, 60 * second)

    async def tell(self, type_: str, subject: str, sequence: int, data: Contract) -> None:
        """Publish what another service would."""
        event = Event(
            id=new_event_id(),
            type=type_,
            source="/test",
            subject=subject,
            time=datetime.now(UTC),
            sequence=sequence,
            partner_id="par_test",
            correlation_id=new_event_id(),
            causation_id=None,
            traceparent=None,
            data=data.model_dump_json(),
        )
        async with self.service.kafka.producer() as producer:
            await producer.send_and_wait(
                self.service.kafka.topic(topic_of(type_)),
                value=event.data.encode(),
                key=subject.encode(),
                headers=event.headers(),
            )

    async def quote(self, partner_id: str, **changes: Any) -> QuoteV1:
        """Let the quote service have made a quote a moment ago."""
        quote = self.new_quote(partner_id, **changes)
        await self.tell("quote.created", quote.id, 1, quote)
        return quote

    async def heard_of(self, quote: QuoteV1) -> None:
        """Wait until the service knows a quote: for callers that don't wait themselves."""

        async def known() -> bool:
            return (await self.client.get(f"/checkout/{quote.id}")).is_success

        await eventually(known)

    def new_quote(self, partner_id: str, **changes: Any) -> QuoteV1:
        """Make a quote that the order service hasn't heard of."""
        now = self.clock.now()
        quote_id = changes.get("id", new_id("quo"))
        item = QuoteItem(
            id=new_id("itm"),
            service="tyres",
            description="Four tyres",
            quantity=4,
            price=aud(40000),
            tax=aud(4000),
            total=aud(44000),
            authorization="open",
        )
        values: dict[str, Any] = {
            "id": quote_id,
            "partner_id": partner_id,
            "type": "reconditioning",
            "status": "awaiting-payment",
            "version": 1,
            "vehicle": Vehicle(vin="1HGCM82633A004352", mileage=84000),
            "items": (item,),
            "currency": "AUD",
            "subtotal": aud(40000),
            "tax": aud(4000),
            "total": aud(44000),
            "estimated_duration": "PT2H",
            "estimated_completion_at": now + timedelta(days=2),
            "expires_at": now + timedelta(days=7),
            "external_reference": "stock-1",
            "contact": Contact(email="fleet@example.com"),
            "checkout_url": f"http://127.0.0.1:8000/checkout/{quote_id}",
            "paid": False,
            "created_at": now,
        }
        return QuoteV1.model_validate(values | changes)

    async def workshop(self, account: str, country: str = "AU", region: str | None = None) -> str:
        """Let the booking service have opened a workshop that this account runs."""
        workshop_id = new_id("wks")
        data = WorkshopV1(
            id=workshop_id,
            partner_id=account,
            name="Harbour Motors",
            time_zone="Australia/Sydney",
            country=country,
            region=region,
            created_at=self.clock.now(),
        )
        await self.tell("workshop.created", workshop_id, 1, data)
        return workshop_id

    async def buy(
        self, headers: dict[str, str], quote_id: str, card: str = "tok_visa"
    ) -> httpx.Response:
        """Buy a quote by card."""
        body = {"quote_id": quote_id, "payment": {"method": "card", "token": card}}
        return await self.client.post("/v1/orders", json=body, headers=headers)

    async def ordered(self, account: str, card: str = "tok_visa", **changes: Any) -> dict[str, Any]:
        """Buy a fresh quote, and return the order."""
        quote = await self.quote(account, **changes)
        answer = await self.buy(self.partner(account), quote.id, card)
        assert answer.status_code == 201, answer.text
        order: dict[str, Any] = answer.json()
        return order

    def partner(self, account: str) -> dict[str, str]:
        """Make a partner's header."""
        return self.keys.headers("partner", partner_id=account)

    def workshop_headers(self, account: str) -> dict[str, str]:
        """Make a workshop account's header."""
        return self.keys.headers("workshop", partner_id=account)

    async def events(self, order: dict[str, Any]) -> list[tuple[str, int]]:
        """Read what was published of an order and its payments: type and sequence, in order."""
        subjects = [order["id"], *(payment["id"] for payment in order["payments"])]
        return [(row.type, row.sequence) for row in await self.logged(*subjects)]

    async def logged(self, *subjects: str) -> list[Any]:
        """Read the log of some subjects."""
        query = text("SELECT * FROM events WHERE subject = ANY (:subjects) ORDER BY position")
        async with self.service.database.reading() as connection:
            return list(await connection.execute(query, {"subjects": list(subjects)}))

    async def scalar(self, query: str, **named: Any) -> Any:
        """Ask the database."""
        async with self.service.database.reading() as connection:
            return await connection.scalar(text(query), named)

    async def read(self, order_id: str) -> dict[str, Any]:
        """Read an order as an operator."""
        answer = await self.client.get(
            f"/v1/orders/{order_id}", headers=self.keys.headers("operator")
        )
        body: dict[str, Any] = answer.json()
        return body

    async def became(self, order_id: str, status: str) -> dict[str, Any]:
        """Wait until an order is in this status, and return it."""

        async def look() -> dict[str, Any] | None:
            order = await self.read(order_id)
            return order if order["status"] == status else None

        order = await eventually(look)
        assert order
        return order


@pytest_asyncio.fixture(scope="module")
async def desk(
    module_database: MakeDatabase, kafka_bootstrap: str, topic_prefix: str, keys: SigningKeys
) -> AsyncIterator[OrderDesk]:
    """Yield an order desk with a quick provider."""
    settings = OrderSettings(
        database_url=await module_database("order"),
        sandbox_late_seconds=LATE_SECONDS,
        payment_provider_seconds=PROVIDER_SECONDS,
        payment_first_look_seconds=FIRST_LOOK_SECONDS,
        **bus_settings(kafka_bootstrap, topic_prefix, embedded=INFRA == "embedded"),
    )
    clock = ShiftedClock()
    service = build(settings, clock=clock, keys=keys)
    async with running(service) as client:
        yield OrderDesk(service, settings, client, clock, keys)
