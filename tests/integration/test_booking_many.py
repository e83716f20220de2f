"""Where others have very many bookings: what is read for one account, and to sweep up."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import pytest_asyncio
from sqlalchemy import text

from infra.access import SigningKeys
from infra.booking import CAR, Booking, Headers, booking_service
from infra.databases import MakeDatabase
from infra.explaining import reads_of
from services.booking.repository import holds
from services.booking.repository.vehicles import LATEST
from shared.ids import new_id

MANY, WORKSHOPS, PAGE = 60, 100, 20
FEW = 10 * PAGE

FILL = text("""
INSERT INTO bookings (id, partner_id, workshop_id, bay_id, status, drop_off_at, ends_at, pick_up_at,
    kept_from, kept_until, day, counts_as, service_category, services, customer, car, products,
    loan_car, courtesy, skip_notification, send_review_request, schedule_reminder, source, warnings,
    sequence, created_at)
SELECT 'bkg_' || lpad(CAST(n AS text), 8, '0') || bay.id, :partner, bay.workshop_id, bay.id,
    'done', at, at, at, at, at, CAST(at AS date), '{any}', 'other', '[]',
    '{"name": "Ada", "email": "ada@example.com"}',
    '{"registration": {"plate": "ABC123", "country": "AU"}}', '[]', false, false, false, true, true,
    'api', '{}', 1, now()
FROM (SELECT n, now() - n * interval '1 hour' AS at FROM generate_series(1, :many) AS n) AS each,
    resources AS bay
""")
OPEN = text("""
INSERT INTO workshops (id, partner_id, name, time_zone, country, hours, slot_minutes, aftercare,
    rules, embed_origins, sequence, created_at)
SELECT 'wks_' || n, 'par_' || n, 'One', 'UTC', 'AU', '{}', 30, '{}', '{}', '{}', 1, now()
FROM generate_series(1, :workshops) AS n
""")
FIT = text("""
INSERT INTO resources (id, workshop_id, kind, name, skills, in_service, created_at)
SELECT 'res_' || id, id, 'bay', 'One', '{}', true, now() FROM workshops
""")
REMIND = text("""
INSERT INTO reminders (id, partner_id, workshop_id, status, due_at, code, customer,
    skip_notification, sequence, created_at)
SELECT 'rem_' || n || id, :partner, id, 'due', now(), n || id, '{}', false, 1, now()
FROM workshops, generate_series(1, :many) AS n
""")
WALKED = text("""
SELECT coalesce(sum(seq_tup_read), 0) FROM pg_stat_xact_user_tables
WHERE relname IN ('bookings', 'reminders')
""")


@pytest_asyncio.fixture(scope="module")
async def booking(module_database: MakeDatabase, keys: SigningKeys) -> AsyncIterator[Booking]:
    async with booking_service(module_database, keys, hold_seconds=30) as made:
        async with made.service.database.transaction() as work:
            for each in (OPEN, FIT, FILL, REMIND, text("ANALYZE")):
                named = {"partner": "par_many", "many": MANY, "workshops": WORKSHOPS}
                wanted = {name: named[name] for name in each.compile().params}
                await work.connection.execute(each, wanted)
        yield made


async def listed(booking: Booking, headers: Headers, **query: str) -> tuple[list[str], int]:
    async with reads_of(booking.service.engine, "bookings") as reads:
        answer = await booking.client.get("/v1/bookings", params=query, headers=headers)
    assert answer.status_code == 200, answer.text
    return [each["id"] for each in answer.json()["data"]], reads.rows


@pytest.mark.seed(36, 66)
async def test_a_workshops_list_reads_its_own_bookings_and_nobody_elses(booking: Booking) -> None:
    workshop_id, owner = await booking.workshop(bays=2)
    there = await booking.book(workshop_id, booking.partner())
    elsewhere, _ = await booking.workshop()
    both = booking.keys.headers("workshop", "partner", partner_id=new_id("par"))
    taken = await booking.book(elsewhere, both)
    own_workshop, _ = await booking.workshop(owner=both)
    at_its_own = await booking.book(own_workshop, both)
    for headers, expected in ((owner, [there]), (both, [at_its_own, taken])):
        found, read = await listed(booking, headers)
        assert found == [each["id"] for each in expected]
        assert read < FEW
    newest, _ = await listed(booking, both, limit="1")
    assert newest == [at_its_own["id"]]


@pytest.mark.seed(46)
async def test_a_plate_for_all_cars_does_not_make_each_booking_read_the_others(
    booking: Booking,
) -> None:
    workshop_id, owner = await booking.workshop()
    partner = booking.keys.headers("partner", partner_id="par_many")
    body = await booking.visit(workshop_id, partner, car=CAR | {"mileage": 10})
    async with reads_of(booking.service.engine, "bookings") as reads:
        made = await booking.post("/v1/bookings", partner, **body)
    assert reads.rows < 2 * LATEST
    async with reads_of(booking.service.engine, "bookings") as reads:
        await booking.move(made, owner, "processing", "done")
    assert reads.rows < 2 * LATEST


@pytest.mark.seed(66)
async def test_forgetting_a_hold_walks_neither_all_bookings_nor_all_reminders(
    booking: Booking,
) -> None:
    workshop_id, _ = await booking.workshop()
    partner = booking.partner()
    starts = await booking.starts(workshop_id, partner)
    slot = {"workshop_id": workshop_id, "service_category": "other", "drop_off_at": starts[0]}
    held = await booking.post("/v1/holds", partner, **slot)
    released = await booking.client.delete(f"/v1/holds/{held['id']}", headers=partner)
    assert released.status_code == 204
    async with booking.service.database.transaction() as work:
        await holds.forget(work.connection, work.now + timedelta(days=1), 500)
        assert await work.connection.scalar(WALKED) == 0
    gone = await booking.client.get(f"/v1/holds/{held['id']}", headers=partner)
    assert gone.status_code == 404
