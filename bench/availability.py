"""Whether availability stays as quick as bookings grow, and what a booking's insert costs."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from statistics import quantiles
from typing import Any

import asyncpg

from bench.parts import Parts, parts
from bench.turns import Figure, Sample, figure, take_turns
from services.booking.domain.hours import Span
from services.booking.domain.need import Job, needed
from services.booking.domain.workshop import Category, Profile, Workshop
from services.booking.handlers.judging import judge, plan
from shared.database import create_engine

FEW, MANY = 1_000, 1_000_000
BAYS = 4
HOURS_A_DAY = 6
ASKED = 400
INSERTS = 300
GENERATING_SECONDS = 240.0
WEEK = {day: (Span(480, 1020),) for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}

WORKSHOP = """
INSERT INTO workshops (id, partner_id, name, time_zone, country, hours, slot_minutes, aftercare,
                       rules, embed_origins, sequence, created_at)
VALUES ('wks_1', 'par_1', 'Harbour Motors', 'UTC', 'AU', '{}', 30, '{}', '{}', '{}', 1, now())
"""
BAY = """
INSERT INTO resources (id, workshop_id, kind, name, skills, in_service, created_at)
SELECT 'res_' || n, 'wks_1', 'bay', n, '{}', true, now() FROM generate_series(0, $1 - 1) AS n
"""
# As much before today as after it, the mornings of every bay: past ones are done, save a tenth.
BOOKINGS = """
INSERT INTO bookings (id, partner_id, workshop_id, bay_id, status, drop_off_at, ends_at, pick_up_at,
    kept_from, kept_until, day, counts_as, service_category, services, customer, car, products,
    loan_car, courtesy, skip_notification, send_review_request, schedule_reminder, source, warnings,
    sequence, created_at)
SELECT 'bkg_' || n, 'par_2', 'wks_1', 'res_' || n % $2,
    CASE WHEN at > now() OR n % 10 = 0 THEN 'pending' ELSE 'done' END, at, at + '1 hour',
    at + '1 hour', at, at + '1 hour', at::date, '{any,category:repair}', 'repair', '[]', '{}',
    '{}', '[]', false, false, false, true, true, 'api', '{}', 1, now()
FROM (
    SELECT n, date_trunc('day', now()) + (n / $2 / $3 - $1 / 2 / $2 / $3) * interval '1 day'
        + (8 + n / $2 % $3) * interval '1 hour' AS at
    FROM generate_series(0, $1 - 1) AS n
) AS each
"""
PLAIN = "CREATE TABLE plain AS SELECT * FROM bookings WITH NO DATA"
INSERT = """
INSERT INTO {} (id, partner_id, workshop_id, bay_id, status, drop_off_at, ends_at, pick_up_at,
    kept_from, kept_until, day, counts_as, service_category, services, customer, car, products,
    loan_car, courtesy, skip_notification, send_review_request, schedule_reminder, source, warnings,
    sequence, created_at)
VALUES ($1, 'par_2', 'wks_1', $2, 'pending', $3, $4, $4, $3, $4, $5, '{{any,category:repair}}',
    'repair', '[]', '{{}}', '{{}}', '[]', false, false, false, true, true, 'api', '{{}}', 1, now())
"""
EXCLUSIONS = """
SELECT conname AS name, pg_get_constraintdef(oid) AS definition FROM pg_constraint
WHERE conrelid = 'bookings'::regclass AND contype = 'x'
"""
INDEXES = """
SELECT indexrelid::regclass::text AS name, pg_get_indexdef(indexrelid) AS definition
FROM pg_index WHERE indrelid = 'bookings'::regclass
  AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)
"""
FILLING = "SET synchronous_commit = off; SET maintenance_work_mem = '512MB'; SET jit = off"
SMALL, LARGE = "availability, 1 thousand bookings", "availability, 1 million bookings"
KEPT, BARE = "booking's insert", "the same row, no key or constraint"


async def measure() -> Sequence[Figure]:
    """Judge a week's slots over few and many bookings; insert bookings with and without checks."""
    async with parts({"few": "booking", "many": "booking"}) as made:
        await _fill(made, "few", FEW)
        await _fill(made, "many", MANY)
        asked = await take_turns(
            {SMALL: lambda: _ask(made, "few"), LARGE: lambda: _ask(made, "many")}
        )
        begun = iter(range(10**6))
        inserted = await take_turns(
            {
                KEPT: lambda: _insert(made, "bookings", next(begun)),
                BARE: lambda: _insert(made, "plain", next(begun)),
            }
        )
    return [
        figure("a week's slots", "ms p50", asked, LARGE, SMALL),
        figure("", "ms p99", asked, LARGE, SMALL),
        figure("a booking's insert", "ms p50", inserted, KEPT, BARE),
    ]


async def _fill(made: Parts, database: str, bookings: int) -> None:
    connection: asyncpg.Connection[Any] = await asyncpg.connect(
        made.dsn(database), timeout=5, command_timeout=GENERATING_SECONDS
    )
    try:
        await connection.execute(FILLING)
        await connection.execute(WORKSHOP)
        await connection.execute(BAY, BAYS)
        # Built at once, an index takes seconds; row by row, minutes.
        exclusions = await connection.fetch(EXCLUSIONS)
        indexes = await connection.fetch(INDEXES)
        for each in exclusions:
            await connection.execute(f"ALTER TABLE bookings DROP CONSTRAINT {each['name']}")
        for each in indexes:
            await connection.execute(f"DROP INDEX {each['name']}")
        await connection.execute(BOOKINGS, bookings, BAYS, HOURS_A_DAY)
        for each in exclusions:
            constraint = f"{each['name']} {each['definition']}"
            await connection.execute(f"ALTER TABLE bookings ADD CONSTRAINT {constraint}")
        for each in indexes:
            await connection.execute(each["definition"])
        await connection.execute(PLAIN)
        await connection.execute("VACUUM ANALYZE bookings")
    finally:
        await connection.close(timeout=5)


async def _ask(made: Parts, database: str) -> Sample:
    engine = create_engine(made.databases[database], application="bench")
    now = datetime.now(UTC)
    first = now.date() + timedelta(days=1)
    workshop = Workshop("wks_1", "par_1", Profile("Harbour Motors", "UTC", "AU", WEEK), now)
    need = needed(Job(Category.REPAIR))
    spent = []
    async with engine.connect() as connection:
        for _ in range(ASKED):
            began = time.perf_counter()
            last = first + timedelta(days=6)
            by_rules = await plan(connection, workshop, need, first, last, now)
            days = [first + timedelta(days=n) for n in range(7)]
            stays = [by_rules.stay(at) for day in days for at in by_rules.starts(day)]
            await judge(connection, workshop.id, by_rules, stays)
            spent.append((time.perf_counter() - began) * 1000)
    await engine.dispose()
    return _times(spent)


async def _insert(made: Parts, table: str, turn: int) -> Sample:
    query = INSERT.format(table)
    first = datetime(2100, 1, 1, tzinfo=UTC) + timedelta(hours=turn * INSERTS)
    spent = []
    async with made.connection("many") as connection:
        for number in range(INSERTS):
            start = first + timedelta(hours=number)
            named = f"bkg_{turn}_{number}", "res_0", start, start + timedelta(hours=1), _day(start)
            began = time.perf_counter()
            await connection.execute(query, *named)
            spent.append((time.perf_counter() - began) * 1000)
            await asyncio.sleep(0)
    return _times(spent)


def _day(moment: datetime) -> date:
    return moment.date()


def _times(spent: list[float]) -> Sample:
    cuts = quantiles(spent, n=100)
    return {"ms p50": cuts[49], "ms p99": cuts[98]}
