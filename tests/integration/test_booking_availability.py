"""What a workshop offers when: its days, their hours and slots, for the services asked for."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import pytest_asyncio

from infra.access import SigningKeys
from infra.booking import EVERY_DAY, NINE_TO_FIVE, Booking, booking_service
from infra.databases import MakeDatabase
from shared.ids import new_id

SYDNEY = ZoneInfo("Australia/Sydney")


@pytest_asyncio.fixture(scope="module")
async def booking(module_database: MakeDatabase, keys: SigningKeys) -> AsyncIterator[Booking]:
    async with booking_service(module_database, keys) as made:
        yield made


def wall(start: str) -> str:
    return datetime.fromisoformat(start).astimezone(SYDNEY).strftime("%H:%M")


@pytest.mark.seed(35)
async def test_a_day_has_hours_slots_and_pick_up_times(booking: Booking) -> None:
    workshop_id, _ = await booking.workshop()
    (day,) = await booking.days(workshop_id, booking.partner())
    assert (day["date"], day["hours"]) == (booking.day(), [["09:00", "17:00"]])
    assert len(day["slots"]) == 15
    assert (wall(day["slots"][0]["start"]), wall(day["slots"][0]["end"])) == ("09:00", "10:00")
    assert wall(day["slots"][-1]["end"]) == "17:00"
    assert day["slots"][0]["start"].endswith("Z")


async def test_slots_are_as_long_as_the_services(booking: Booking) -> None:
    workshop_id, owner = await booking.workshop(slot_minutes=15)
    oil = await booking.service_of(workshop_id, owner)
    brakes = await booking.service_of(workshop_id, owner, code="brakes", duration="PT6H15M")
    both = await booking.starts(workshop_id, owner, services=f"{oil['id']},{brakes['id']}")
    assert [wall(start) for start in both] == ["09:00", "09:15", "09:30", "09:45"]
    query = {"from": booking.day(), "to": booking.day(), "services": new_id("svc")}
    path = f"/v1/workshops/{workshop_id}/availabilities"
    unknown = await booking.client.get(path, params=query, headers=owner)
    assert unknown.status_code == 422
    assert unknown.json()["errors"][0]["pointer"] == "/services"


@pytest.mark.seed(35)
async def test_closed_days_have_no_slots_until_reopened(booking: Booking) -> None:
    workshop_id, owner = await booking.workshop(hours=NINE_TO_FIVE)
    path = f"/v1/workshops/{workshop_id}/closures"
    shut = await booking.post(path, owner, **{"from": booking.day(8), "to": booking.day(9)})
    week = {"from": booking.day(7), "to": booking.day(10)}
    days = await booking.days(workshop_id, owner, **week)
    assert [bool(day["slots"]) for day in days] == [True, False, False, True]
    assert [day["hours"] for day in days[1:3]] == [[], []]
    gone = await booking.client.delete(f"{path}/{shut['id']}", headers=owner)
    assert gone.status_code == 204
    days = await booking.days(workshop_id, owner, **week)
    assert all(day["slots"] for day in days)


@pytest.mark.seed(34)
async def test_a_week_can_be_asked_for(booking: Booking) -> None:
    workshop_id, owner = await booking.workshop()
    days = await booking.days(workshop_id, owner, **{"from": booking.day(1), "to": booking.day(7)})
    assert [day["date"] for day in days] == [booking.day(n) for n in range(1, 8)]


@pytest.mark.seed(34, 63)
@pytest.mark.parametrize(
    ("first", "last", "pointer"),
    [
        (1, 8, "/to"),
        (2, 1, "/to"),
        ("soon", 2, "/from"),
        (1, "2026-02-30", "/to"),
        (1, "2026-12-01T00:00:00Z", "/to"),
        (1, None, "/to"),
        (None, 1, "/from"),
        ("9999-12-30", "9999-12-31", "/to"),
    ],
)
async def test_other_ranges_are_refused_by_name(
    booking: Booking, first: int | str | None, last: int | str | None, pointer: str
) -> None:
    workshop_id, owner = await booking.workshop()
    asked = {
        name: booking.day(value) if isinstance(value, int) else value
        for name, value in (("from", first), ("to", last))
        if value is not None
    }
    path = f"/v1/workshops/{workshop_id}/availabilities"
    answer = await booking.client.get(path, params=asked, headers=owner)
    assert answer.status_code == 422, answer.text
    assert [each["pointer"] for each in answer.json()["errors"]] == [pointer]


async def test_what_has_been_is_not_offered(booking: Booking) -> None:
    all_day = {day: [["00:00", "24:00"]] for day in EVERY_DAY}
    workshop_id, owner = await booking.workshop(hours=all_day, time_zone="Etc/UTC")
    around_now = {"from": booking.day(-1), "to": booking.day(1)}
    starts = await booking.starts(workshop_id, owner, **around_now)
    moments = [datetime.fromisoformat(start) for start in starts]
    now = booking.clock.now()
    assert now < min(moments) <= now + timedelta(minutes=30)


async def test_a_workshop_without_a_bay_offers_nothing(booking: Booking) -> None:
    workshop_id, owner = await booking.workshop(bays=0)
    path = f"/v1/workshops/{workshop_id}/resources"
    await booking.post(path, owner, kind="loan-car", name="The blue one")
    assert await booking.starts(workshop_id, owner) == []


@pytest.mark.seed(36)
async def test_a_slot_is_offered_while_some_bay_is_free(booking: Booking) -> None:
    workshop_id, _ = await booking.workshop(bays=2)
    partner = booking.partner()
    before = await booking.starts(workshop_id, partner)
    ten = before[2]
    first = await booking.book(workshop_id, partner, drop_off_at=ten)
    assert await booking.starts(workshop_id, partner) == before
    await booking.book(workshop_id, partner, drop_off_at=ten)
    overlapping = before[1:4]
    left = await booking.starts(workshop_id, partner)
    assert left == [start for start in before if start not in overlapping]
    await booking.move(first, partner, "cancelled")
    assert await booking.starts(workshop_id, partner) == before


@pytest.mark.seed(73)
async def test_the_clock_is_changed_and_the_slots_follow(booking: Booking) -> None:
    night = {day: [["01:00", "04:00"]] for day in EVERY_DAY}
    workshop_id, owner = await booking.workshop(hours=night, slot_minutes=30)

    async def wall_times(day: date) -> list[str]:
        asked = {"from": day.isoformat(), "to": day.isoformat()}
        return [wall(start) for start in await booking.starts(workshop_id, owner, **asked)]

    year = booking.today.year + 1
    assert await wall_times(first_sunday(year, 10)) == ["01:00", "01:30", "03:00"]
    assert await wall_times(first_sunday(year, 4)) == [
        "01:00", "01:30", "02:00", "02:30", "02:00", "02:30", "03:00",
    ]  # fmt: skip


def first_sunday(year: int, month: int) -> date:
    first = datetime(year, month, 1, tzinfo=UTC).date()
    return first + timedelta(days=(6 - first.weekday()) % 7)
