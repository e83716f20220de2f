"""A database of the first release, with a booking in it, brought up to date."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from alembic import command
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine

from infra.access import SigningKeys
from infra.booking import EVERY_DAY, LINKS_KEY, Booking
from infra.databases import MakeDatabase
from infra.running import client_of
from services.booking.main import build
from services.booking.settings import BookingSettings
from shared.migrations import NewerDatabase, config, upgrade
from shared.shift import ShiftedClock

OWNER = "par_1"
WEEK = "{" + ",".join(f'"{day}": [{{"opens": 540, "closes": 660}}]' for day in EVERY_DAY) + "}"
ROWS = (
    """INSERT INTO workshops VALUES ('wks_1', 'par_1', 'Harbour Motors', 'Australia/Brisbane', 'AU',
       CAST(:week AS jsonb), NULL, NULL, 30, '{}', 1, :at)""",
    "INSERT INTO resources VALUES ('res_1', 'wks_1', 'bay', 'One', :at)",
    """INSERT INTO catalog VALUES ('svc_1', 'wks_1', 'oil', 'Oil change', 'maintenance', 'PT1H',
       NULL, NULL, NULL, :at)""",
    """INSERT INTO bookings (id, partner_id, workshop_id, bay_id, status, drop_off_at, ends_at,
       service_category, services, customer, car, products, skip_notification,
       send_review_request, schedule_reminder, sequence, created_at)
       VALUES ('bkg_1', 'par_1', 'wks_1', 'res_1', 'pending', :at, :ends, 'maintenance',
       '[{"title": "Oil change", "category": "maintenance", "catalog_id": "svc_1"}]',
       '{"name": "Ada", "email": "ada@example.com"}',
       '{"registration": {"plate": "ABC123", "country": "AU"}}', '[]', false, true, true, 1,
       :at)""",
)


def first_release(url: str) -> Callable[[Connection], None]:
    def make(connection: Connection) -> None:
        settings = config("booking", url)
        settings.attributes["connection"] = connection
        command.upgrade(settings, "0001")

    return make


@pytest.mark.seed(36, 37, 38, 48)
async def test_a_booking_of_the_first_release_keeps_its_bay_and_counts(
    database: MakeDatabase, keys: SigningKeys
) -> None:
    # Nine in Brisbane, all year round, which is the day before in UTC.
    drop_off = (datetime.now(UTC) + timedelta(days=6)).replace(
        hour=23, minute=0, second=0, microsecond=0
    )
    url = await database()
    engine = create_async_engine(url)
    async with engine.begin() as connection:
        await connection.run_sync(first_release(url))
        for row in ROWS:
            named = {"week": WEEK, "at": drop_off, "ends": drop_off + timedelta(hours=1)}
            wanted = {name: value for name, value in named.items() if f":{name}" in row}
            await connection.execute(text(row), wanted)
    assert await upgrade("booking", url)
    async with engine.connect() as connection:
        kept = await connection.execute(
            text("SELECT lower(during), upper(during), day, counts_as FROM bookings")
        )
        (row,) = kept.mappings()
    await engine.dispose()
    assert (row["lower"], row["upper"]) == (drop_off, drop_off + timedelta(hours=1))
    assert row["day"] == (drop_off + timedelta(days=1)).date()
    assert row["counts_as"] == ["any", "category:maintenance", "service:svc_1"]
    settings = BookingSettings(database_url=url, booking_links_key=LINKS_KEY)
    service = build(settings, clock=ShiftedClock(), keys=keys)
    async with client_of(service) as client:
        booking = Booking(service, client, keys, ShiftedClock())
        owner = keys.headers("workshop", "partner", partner_id=OWNER)
        read = (await client.get("/v1/bookings/bkg_1", headers=owner)).json()
        assert (read["pick_up_at"], read["technician_id"]) == (read["ends_at"], None)
        days = dict.fromkeys(("from", "to"), row["day"].isoformat())
        slots = await booking.starts("wks_1", owner, services="svc_1", **days)
        assert read["drop_off_at"] not in slots
        await booking.move(read, owner, "cancelled")
        assert read["drop_off_at"] in await booking.starts("wks_1", owner, services="svc_1", **days)
    await service.engine.dispose()


async def test_a_database_of_a_newer_version_is_left_as_it_is(database: MakeDatabase) -> None:
    url = await database()
    engine = create_async_engine(url)
    assert await upgrade("booking", url)
    async with engine.begin() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(NewerDatabase, match="booking is at 9999"):
        await upgrade("booking", url)
    async with engine.connect() as connection:
        assert await connection.scalar(text("SELECT version_num FROM alembic_version")) == "9999"
    await engine.dispose()
