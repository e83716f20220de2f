"""The booking service for tests: workshops that are open, their slots, and visits to them."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import httpx
from sqlalchemy import text

from infra.access import SigningKeys
from infra.databases import MakeDatabase
from infra.running import client_of
from services.booking.main import build
from services.booking.settings import BookingSettings
from shared.ids import new_id
from shared.service import Service
from shared.shift import ShiftedClock

EVERY_DAY = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
NINE_TO_FIVE = {day: [["09:00", "17:00"]] for day in EVERY_DAY}
CUSTOMER = {"name": "Ada Lovelace", "email": "ada@example.com", "phone": "+61412345678"}
CAR = {"registration": {"plate": "ABC123", "country": "AU"}}
EVERYTHING = {
    "customer": CUSTOMER,
    "car": CAR | {"vin": "1HGCM82633A004352", "make": "Honda", "year": 2003, "mileage": 184000},
    "notes": "Rattles when cold.\n\n  Ring before you lift the engine out. \n",
    "products": [{"name": "Wiper blades", "description": "650 mm & 400 mm", "quantity": 2}],
    "external_reference": "dms-1",
    "skip_notification": True,
}

NOON = time(12, 1)  # a slot begins in 14 minutes at the earliest
LINKS_KEY = b64encode(bytes(32)).decode()

Headers = dict[str, str]
Json = dict[str, Any]


@dataclass
class Booking:
    """The service, a clock that can be put forward, and what tests do again and again."""

    service: Service
    client: httpx.AsyncClient
    keys: SigningKeys
    clock: ShiftedClock

    @property
    def today(self) -> date:
        """A date that is today's or yesterday's anywhere."""
        return self.clock.now().date()

    def day(self, ahead: int = 7) -> str:
        """Return a date to come."""
        return (self.today + timedelta(days=ahead)).isoformat()

    def partner(self) -> Headers:
        """Make a partner nobody knew before."""
        return self.keys.headers("partner", partner_id=new_id("par"))

    async def workshop(
        self, *, bays: int = 1, owner: Headers | None = None, **profile: Any
    ) -> tuple[str, Headers]:
        """Open a workshop with so many bays; returns its id and its owner."""
        owner = owner or self.keys.headers("workshop", partner_id=new_id("par"))
        body = {
            "name": "Harbour Motors",
            "time_zone": "Australia/Sydney",
            "country": "AU",
            "hours": NINE_TO_FIVE,
        }
        opened = await self.post("/v1/workshops", owner, **body | profile)
        for number in range(bays):
            bay = {"kind": "bay", "name": f"Bay {number + 1}"}
            await self.post(f"/v1/workshops/{opened['id']}/resources", owner, **bay)
        return opened["id"], owner

    async def service_of(self, workshop_id: str, owner: Headers, **more: Any) -> Json:
        """Put a service into a workshop's catalog."""
        oil = {
            "code": "oil",
            "title": "Oil change",
            "category": "maintenance",
            "duration": "PT1H",
            "cost": {"amount": 9900, "currency": "AUD"},
        }
        return await self.post(f"/v1/workshops/{workshop_id}/services", owner, **oil | more)

    async def days(self, workshop_id: str, headers: Headers, **query: str) -> list[Json]:
        """Ask for availability; of one day a week ahead, unless the query says otherwise."""
        asked = {"from": self.day(), "to": self.day()} | query
        answer = await self.client.get(
            f"/v1/workshops/{workshop_id}/availabilities", params=asked, headers=headers
        )
        assert answer.status_code == 200, answer.text
        found: list[Json] = answer.json()["data"]
        return found

    async def starts(self, workshop_id: str, headers: Headers, **query: str) -> list[str]:
        """List when the slots begin."""
        days = await self.days(workshop_id, headers, **query)
        return [slot["start"] for day in days for slot in day["slots"]]

    async def visit(self, workshop_id: str, headers: Headers, **more: Any) -> Json:
        """Make the body of a booking, for the first slot of a day a week ahead."""
        body = {
            "workshop_id": workshop_id,
            "service_category": "maintenance",
            "customer": CUSTOMER,
            "car": CAR,
        } | more
        if "drop_off_at" not in body:
            body["drop_off_at"] = (await self.starts(workshop_id, headers))[0]
        return body

    async def book(self, workshop_id: str, headers: Headers, **more: Any) -> Json:
        """Book a visit."""
        body = await self.visit(workshop_id, headers, **more)
        return await self.post("/v1/bookings", headers, **body)

    async def move(self, booking: Json, headers: Headers, *statuses: str) -> Json:
        """Move a booking through these statuses."""
        for status in statuses:
            answer = await self.client.post(
                f"/v1/bookings/{booking['id']}/status", json={"status": status}, headers=headers
            )
            assert answer.status_code == 200, answer.text
            booking = answer.json()
        return booking

    async def post(self, path: str, headers: Headers, **body: Any) -> Json:
        """Make something."""
        answer = await self.client.post(path, json=body, headers=headers)
        assert answer.status_code == 201, answer.text
        made: Json = answer.json()
        return made

    async def events(self, subject: str) -> list[tuple[str, int, Json]]:
        """Read from the log what was told of something: types, numbers, data."""
        query = text(
            "SELECT type, sequence, data FROM events WHERE subject = :of ORDER BY position"
        )
        async with self.service.database.reading() as connection:
            rows = await connection.execute(query, {"of": subject})
            return [(row.type, row.sequence, row.data) for row in rows]

    async def types(self, subject: str) -> list[str]:
        """Name what was told of something."""
        return [kind for kind, _, _ in await self.events(subject)]

    async def reminders_of(self, booking: Json) -> list[str]:
        """List the reminders planned after a booking."""
        query = text("SELECT id FROM reminders WHERE booking_id = :of")
        async with self.service.database.reading() as connection:
            return list((await connection.execute(query, {"of": booking["id"]})).scalars())


def at_noon() -> ShiftedClock:
    """Make a clock that is at 12:01 UTC, less than a day ahead."""
    clock = ShiftedClock()
    now = clock.now()
    today = datetime.combine(now.date(), NOON, UTC)
    clock.advance(min(at - now for at in (today, today + timedelta(days=1)) if at >= now))
    return clock


@asynccontextmanager
async def booking_service(
    make_database: MakeDatabase, keys: SigningKeys, **bus: Any
) -> AsyncIterator[Booking]:
    """Build the service over a new database; its relay and workers aren't started.

    Its clock begins at noon in UTC and at night in Sydney, whatever the hour is: no day and no
    opening begins while a test runs.
    """
    clock = at_noon()
    url = await make_database("booking")
    service = build(
        BookingSettings(database_url=url, booking_links_key=LINKS_KEY, **bus),
        clock=clock,
        keys=keys,
    )
    async with client_of(service) as client:
        yield Booking(service, client, keys, clock)
    await service.engine.dispose()


async def changed(booking: Booking, path: str, owner: Headers, **body: Any) -> Json:
    """Change something, which is taken; return it."""
    answer = await booking.client.patch(path, json=body, headers=owner)
    assert answer.status_code == 200, answer.text
    made: Json = answer.json()
    return made


async def refused(
    booking: Booking, method: str, path: str, owner: Headers, body: Json
) -> tuple[int, str, list[tuple[str, str]]]:
    """Ask for what is refused; return its status, its code, and which fields are named."""
    answer = await booking.client.request(method, path, json=body, headers=owner)
    problem = answer.json()
    named = [(each["pointer"], each["code"]) for each in problem.get("errors", ())]
    return answer.status_code, problem["code"], named
