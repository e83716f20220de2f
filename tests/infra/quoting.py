"""A quote service that runs on a real database and broker, and somebody who tells it of things."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest_asyncio
from sqlalchemy import text

from infra import happenings
from infra.access import SigningKeys
from infra.databases import MakeDatabase
from infra.running import bus_settings, running
from infra.servers import INFRA
from infra.waiting import eventually
from services.quote.main import build
from services.quote.settings import QuoteSettings
from shared.ids import new_id
from shared.service import Service
from shared.shift import ShiftedClock

Json = dict[str, Any]

LONG = 400 * 86400
VIN = "1HGCM82633A004352"
LEAK = {"fault": {"description": "Oil leaks at the sump", "code": "OL-2", "severity": "major"}}


def aud(amount: int) -> Json:
    return {"amount": amount, "currency": "AUD"}


def offer(**changes: Any) -> Json:
    """Make a price for one unit: 2.5 h at 120.00, parts 80.00, fees 10.00, tax 10%."""
    usual = {"labour_hours": "2.5", "tax_rate": "0.10", "hourly_rate": aud(12000)}
    return usual | {"parts": aud(8000), "fees": aud(1000)} | changes


@dataclass
class QuoteDesk:
    """The running service, and the other side of its topics."""

    service: Service
    settings: QuoteSettings
    client: httpx.AsyncClient
    clock: ShiftedClock
    keys: SigningKeys

    @property
    def operator(self) -> dict[str, str]:
        return self.keys.headers("operator", lifetime=LONG)

    def partner(self, account: str | None = None) -> dict[str, str]:
        """Make a partner's header, good for as long as tests put the clock forward."""
        return self.keys.headers("partner", partner_id=account, lifetime=LONG)

    def mechanic(self, account: str | None = None) -> dict[str, str]:
        """Make the header of an account that runs workshops."""
        return self.keys.headers("workshop", partner_id=account, lifetime=LONG)

    def headers(self, *scopes: str, account: str | None = None) -> dict[str, str]:
        """Make a caller's header that stays good when the clock is put forward."""
        return self.keys.headers(*scopes, partner_id=account, lifetime=LONG)

    async def workshop(self, account: str, country: str = "AU", region: str | None = None) -> str:
        """Let the booking service have opened a workshop that this account runs."""
        workshop_id = new_id("wks")
        opened = happenings.event(
            "workshop.created",
            partner_id=account,
            id=workshop_id,
            country=country,
            region=region,
        )
        await happenings.publish(self.service.kafka, opened)

        async def known() -> bool:
            query = "SELECT count(*) FROM workshops WHERE id = :id"
            return bool((await self.rows(query, id=workshop_id))[0].count)

        assert await eventually(known)
        return workshop_id

    async def get(self, path: str, headers: dict[str, str] | None = None, **query: str) -> Json:
        """Read something, as an operator unless said otherwise."""
        answer = await self.client.get(path, params=query, headers=headers or self.operator)
        assert answer.status_code == 200, answer.text
        body: Json = answer.json()
        return body

    async def put(
        self, path: str, body: Json, headers: dict[str, str] | None = None, **query: str
    ) -> Json:
        """Set something, as an operator unless said otherwise."""
        answer = await self.client.put(
            path, json=body, params=query, headers=headers or self.operator
        )
        assert answer.status_code == 200, answer.text
        shown: Json = answer.json()
        return shown

    async def quote(self, *services: str, **changes: Any) -> Json:
        """Ask for a quote, as a partner of no account in particular."""
        body = {
            "vehicle": {"vin": "1HGCM82633A004352"},
            "items": [{"service": service} for service in services],
        }
        answer = await self.client.post(
            "/v1/quotes", json=body | changes, headers=self.headers("partner")
        )
        assert answer.status_code == 201, answer.text
        made: Json = answer.json()
        return made

    async def ask(self, headers: dict[str, str], *items: Json, **more: Any) -> Json:
        """Ask for a quote, as this partner."""
        body = {"vehicle": {"vin": VIN}, "items": items or [{"service": "detailing"}]} | more
        return await self.post("/v1/quotes", body, headers)

    async def price(self, headers: dict[str, str], quote: Json, **changes: Any) -> Json:
        """Price every open line of a quote alike."""
        lines = [item["id"] for item in quote["items"] if item["total"] is None]
        body = {"items": [offer(item_id=line, **changes) for line in lines]}
        return await self.post(f"/v1/quotes/{quote['id']}/price", body, headers)

    async def read(self, quote_id: str) -> Json:
        """Read a quote as an operator."""
        return await self.get(f"/v1/quotes/{quote_id}")

    async def post(self, path: str, body: Json, headers: dict[str, str]) -> Json:
        """Send a POST that succeeds."""
        answer = await self.client.post(path, json=body, headers=headers)
        assert answer.is_success, answer.text
        made: Json = answer.json()
        return made

    async def happened(self, subject: str) -> list[tuple[str, int]]:
        """List what was told of a subject: types and sequences, in order."""
        return [(row.type, row.sequence) for row in await self.told(subject)]

    async def told(self, subject: str) -> list[Any]:
        """Read the log of a subject."""
        query = "SELECT * FROM events WHERE subject = :subject ORDER BY position"
        return await self.rows(query, subject=subject)

    async def rows(self, query: str, **named: Any) -> list[Any]:
        """Ask the database."""
        async with self.service.database.reading() as connection:
            return list(await connection.execute(text(query), named))


@pytest_asyncio.fixture(scope="module")
async def quoting(
    module_database: MakeDatabase, kafka_bootstrap: str, topic_prefix: str, keys: SigningKeys
) -> AsyncIterator[QuoteDesk]:
    """Yield a quote desk."""
    bus = bus_settings(kafka_bootstrap, topic_prefix, embedded=INFRA == "embedded")
    settings = QuoteSettings(database_url=await module_database("quote"), **bus)
    clock = ShiftedClock()
    service = build(settings, clock=clock, keys=keys)
    async with running(service) as client:
        yield QuoteDesk(service, settings, client, clock, keys)
