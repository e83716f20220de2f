"""64 clients on 8 slots for a while; whether any overlapped, the tables alone are asked."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import text

from infra.access import SigningKeys
from infra.booking import CAR, CUSTOMER, Booking, Headers, booking_service
from infra.databases import MakeDatabase
from services.booking.handlers.holds import expire_due

CLIENTS, SLOTS = 64, 8
WHO = {"customer": CUSTOMER, "car": CAR}
EXPECTED = {"slot-taken", "hold-expired", "hold-released"}

# Nothing of the service's code decides here: all pairs are compared, statuses by name.
OVERLAPS = text("""
SELECT count(*) FROM bookings a JOIN bookings b
ON a.bay_id = b.bay_id AND a.id < b.id
AND a.drop_off_at < b.ends_at AND b.drop_off_at < a.ends_at
WHERE a.status IN ('held', 'pending', 'processing')
AND b.status IN ('held', 'pending', 'processing')
""")
TOLD_WRONGLY = text("""
SELECT count(*) FROM bookings LEFT JOIN LATERAL (
    SELECT data ->> 'status' AS status, sequence FROM events
    WHERE subject = bookings.id ORDER BY sequence DESC LIMIT 1
) AS told ON true
WHERE hold_id IS NULL AND told.status IS DISTINCT FROM bookings.status
OR bookings.status IN ('held', 'released', 'expired') AND told.status IS NOT NULL
""")


@pytest_asyncio.fixture(scope="module")
async def booking(module_database: MakeDatabase, keys: SigningKeys) -> AsyncIterator[Booking]:
    async with booking_service(module_database, keys, hold_seconds=30) as made:
        yield made


@pytest.mark.seed(65, 66)
async def test_many_clients_on_few_slots_never_overlap(
    booking: Booking, pytestconfig: pytest.Config
) -> None:
    workshop_id, owner = await booking.workshop(bays=1)
    starts = (await booking.starts(workshop_id, owner))[::2]
    assert len(starts) == SLOTS
    slots = [
        {"workshop_id": workshop_id, "service_category": "other", "drop_off_at": start}
        for start in starts
    ]
    until = asyncio.get_running_loop().time() + pytestconfig.getoption("contention_seconds")
    codes: Counter[str] = Counter()

    def on() -> bool:
        return asyncio.get_running_loop().time() < until

    async def client(number: int) -> None:
        chance, partner = random.Random(number), booking.partner()
        while on():
            await _one_visit(booking, partner, slots, chance, codes)

    async def time_passes() -> None:
        while on():
            booking.clock.advance(timedelta(seconds=1))
            await expire_due(booking.service.database)
            await asyncio.sleep(0.05)

    await asyncio.gather(time_passes(), *(client(number) for number in range(CLIENTS)))
    async with booking.service.database.reading() as connection:
        assert await connection.scalar(OVERLAPS) == 0
        assert await connection.scalar(TOLD_WRONGLY) == 0
    refusals = {code for code in codes if not code.isdigit()}
    assert refusals <= EXPECTED
    assert codes["201"] >= SLOTS, codes
    assert codes["slot-taken"] > 0, codes


async def _one_visit(
    booking: Booking,
    partner: Headers,
    slots: list[dict[str, str]],
    chance: random.Random,
    codes: Counter[str],
) -> None:
    async def post(path: str, body: Any) -> dict[str, Any] | None:
        answer = await booking.client.post(path, json=body, headers=partner)
        said: dict[str, Any] = answer.json()
        codes[str(answer.status_code) if answer.is_success else said["code"]] += 1
        return said if answer.is_success else None

    slot = chance.choice(slots)
    if chance.random() < 0.5:
        made = await post("/v1/bookings", slot | WHO)
    else:
        hold = await post("/v1/holds", slot)
        if hold is None or chance.random() < 0.3:
            return
        if chance.random() < 0.3:
            await booking.client.delete(f"/v1/holds/{hold['id']}", headers=partner)
        made = await post("/v1/bookings", WHO | {"hold_id": hold["id"]})
    if made is None:
        return
    path = f"/v1/bookings/{made['id']}"
    if chance.random() < 0.5:
        other = chance.choice(slots)["drop_off_at"]
        await post(f"{path}/reschedule", {"drop_off_at": other})
    if chance.random() < 0.8:
        await post(f"{path}/status", {"status": "cancelled"})
