"""What bookings tell, on the topic: in order, numbered, and reminders when they are due."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import pytest_asyncio
from sqlalchemy import text

from infra.access import SigningKeys
from infra.booking import LINKS_KEY, Booking, booking_service
from infra.databases import MakeDatabase
from infra.running import bus_settings, read_topic, running
from infra.servers import INFRA
from infra.waiting import eventually
from services.booking.handlers.reminders import remind_due
from services.booking.settings import BookingSettings
from shared.contracts import BookingV1, ReminderV1, ReviewV1

TOPIC = "booking.events"


@pytest_asyncio.fixture
async def booking(
    database: MakeDatabase, kafka_bootstrap: str, topic_prefix: str, keys: SigningKeys
) -> AsyncIterator[Booking]:
    bus = bus_settings(kafka_bootstrap, topic_prefix, embedded=INFRA == "embedded")
    async with booking_service(database, keys, **bus) as made:
        yield made


async def due_told(booking: Booking) -> int:
    told = text("SELECT count(*) FROM events WHERE type = 'reminder.due'")
    async with booking.service.database.reading() as connection:
        return int(await connection.scalar(told) or 0)


@pytest.mark.seed(53)
async def test_reminders_fall_due_once_however_many_workers_there_are(booking: Booking) -> None:
    workshop_id, owner = await booking.workshop(bays=5, reminder_months=1)
    for _ in range(5):
        visit = await booking.book(workshop_id, owner)
        await booking.move(visit, owner, "processing", "done")
    booking.clock.advance(timedelta(days=27))
    assert await remind_due(booking.service.database) == 0
    booking.clock.advance(timedelta(days=5))
    rounds = await asyncio.gather(*(remind_due(booking.service.database) for _ in range(4)))
    assert (sum(rounds), await due_told(booking)) == (5, 5)


@pytest.mark.seed(42, 52, 53)
async def test_a_visits_story_stands_on_the_topic(
    booking: Booking, kafka_bootstrap: str, topic_prefix: str
) -> None:
    async with running(booking.service, TOPIC):
        workshop_id, owner = await booking.workshop()
        done = await booking.book(workshop_id, owner)
        await booking.move(done, owner, "processing", "done")
        dropped = await booking.book(workshop_id, owner)
        await booking.move(dropped, owner, "cancelled")
        booking.clock.advance(timedelta(days=190))

        async def reminded() -> bool:
            return await due_told(booking) == 1

        await eventually(reminded)
        settings = BookingSettings(
            database_url="postgresql://",
            booking_links_key=LINKS_KEY,
            kafka_bootstrap_servers=kafka_bootstrap,
            kafka_topic_prefix=topic_prefix,
        )
        (reminder,) = await booking.reminders_of(done)
        logged = sum(
            [len(await booking.events(each["id"])) for each in (done, dropped)]
            + [len(await booking.events(reminder))]
        )
        told: dict[str, list[tuple[str, int]]] = {}

        async def all_there() -> bool:
            told.clear()
            for event in await read_topic(settings, TOPIC, logged):
                told.setdefault(event.subject, []).append((event.type, event.sequence))
                for kind, contract in (
                    ("booking.", BookingV1),
                    ("reminder.", ReminderV1),
                    ("review.", ReviewV1),
                ):
                    if event.type.startswith(kind):
                        contract.model_validate_json(event.data)
            return ("reminder.due", 2) in told.get(reminder, [])

        await eventually(all_there)
    assert told[done["id"]] == [
        ("booking.created", 1),
        ("booking.updated", 2),
        ("booking.completed", 3),
        ("review.requested", 4),
    ]
    assert told[dropped["id"]] == [("booking.created", 1), ("booking.cancelled", 2)]
    assert told[reminder] == [("reminder.scheduled", 1), ("reminder.due", 2)]
    assert told[workshop_id] == [("workshop.created", 1)]
