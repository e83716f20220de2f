"""After a visit: reminders by date and mileage, at a decent hour, for who wants them; history."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import pytest_asyncio
from sqlalchemy import text

from infra.access import SigningKeys
from infra.booking import CAR, CUSTOMER, Booking, Headers, Json, booking_service
from infra.databases import MakeDatabase
from services.booking.domain.quiet import after_quiet
from services.booking.handlers.reminders import remind_due

VIN = "1HGCM82633A004352"
OTHER = {"name": "Grace Hopper", "email": "grace@example.com", "phone": "+61412345679"}


@pytest_asyncio.fixture
async def booking(database: MakeDatabase, keys: SigningKeys) -> AsyncIterator[Booking]:
    async with booking_service(database, keys) as made:
        yield made


def lasting(booking: Booking, *scopes: str, partner_id: str) -> Headers:
    token = booking.keys.token(*scopes, partner_id=partner_id, lifetime=1e9)
    return {"Authorization": f"Bearer {token}"}


async def reminder_of(booking: Booking, visit: Json, headers: Headers) -> Json:
    (reminder_id,) = await booking.reminders_of(visit)
    found = await booking.client.get(f"/v1/reminders/{reminder_id}", headers=headers)
    reminder: Json = found.json()
    return reminder


async def done(
    booking: Booking, workshop_id: str, owner: Headers, who: Headers, **of: object
) -> Json:
    made = await booking.book(workshop_id, who, **of)
    return await booking.move(made, owner, "processing", "done")


async def remind(booking: Booking, headers: Headers, **whom: object) -> tuple[int, Json]:
    answer = await booking.client.post("/v1/reminders", json=whom, headers=headers)
    return answer.status_code, answer.json()


@pytest.mark.seed(53, 59)
async def test_by_id_by_phone_by_neither_and_the_id_wins(booking: Booking) -> None:
    workshop_id, _ = await booking.workshop(bays=2)
    partner = booking.partner()
    ada = await booking.book(workshop_id, partner)
    grace = await booking.book(workshop_id, partner, customer=OTHER)
    assert ada["customer_id"] != grace["customer_id"]

    code, by_id = await remind(booking, partner, customer_id=ada["customer_id"])
    assert (code, by_id["status"], by_id["customer"]["name"]) == (201, "due", "Ada Lovelace")
    assert await booking.types(by_id["id"]) == ["reminder.scheduled", "reminder.due"]
    code, by_phone = await remind(booking, partner, phone=OTHER["phone"])
    assert (code, by_phone["customer_id"]) == (201, grace["customer_id"])
    _, both = await remind(booking, partner, customer_id=ada["customer_id"], phone=OTHER["phone"])
    assert both["customer_id"] == ada["customer_id"]

    code, problem = await remind(booking, partner)
    assert (code, problem["errors"][0]["code"]) == (422, "nobody")
    for whom, pointer in (
        ({"phone": "+61412345600"}, "/phone"),
        ({"customer_id": "cus_00000000000000000000000000"}, "/customer_id"),
    ):
        code, problem = await remind(booking, partner, **whom)
        (error,) = problem["errors"]
        assert (code, error["pointer"], error["code"]) == (422, pointer, "unknown-customer")
    code, problem = await remind(booking, booking.partner(), customer_id=ada["customer_id"])
    assert (code, problem["errors"][0]["code"]) == (422, "unknown-customer")


@pytest.mark.seed(59)
async def test_a_customer_is_the_same_by_its_phone_and_each_partners_own(booking: Booking) -> None:
    workshop_id, _ = await booking.workshop(bays=4)
    partner = booking.partner()
    first = await booking.book(workshop_id, partner)
    renamed = CUSTOMER | {"name": "Augusta Ada King", "email": "king@example.com"}
    again = await booking.book(workshop_id, partner, customer=renamed)
    elsewhere = await booking.book(workshop_id, booking.partner())
    assert again["customer_id"] == first["customer_id"] != elsewhere["customer_id"]
    path = f"/v1/customers/{first['customer_id']}"
    known = (await booking.client.get(path, headers=partner)).json()
    assert (known["name"], known["email"]) == ("Augusta Ada King", "king@example.com")
    by_mail = {"name": "Ada", "email": "ada@example.com"}
    assert (await booking.book(workshop_id, partner, customer=by_mail))["customer_id"] not in {
        first["customer_id"],
        elsewhere["customer_id"],
    }


@pytest.mark.seed(54, 59)
async def test_who_wants_no_reminders_gets_none(booking: Booking) -> None:
    workshop_id, _ = await booking.workshop(bays=2, reminder_months=1)
    partner, owner = (
        lasting(booking, role, partner_id="par_x") for role in ("partner", "operator")
    )
    visit = await done(booking, workshop_id, owner, partner)
    path = f"/v1/customers/{visit['customer_id']}"
    wish = {"accepts_reminders": False}
    assert (await booking.client.patch(path, json=wish, headers=partner)).status_code == 200
    code, problem = await remind(booking, partner, customer_id=visit["customer_id"])
    assert (code, problem["code"]) == (409, "opted-out")
    await booking.book(workshop_id, partner)  # to come again is not to change one's mind
    booking.clock.advance(timedelta(days=32))
    await remind_due(booking.service.database)
    reminder = await reminder_of(booking, visit, partner)
    assert reminder["status"] == "withheld"
    assert await booking.types(reminder["id"]) == ["reminder.scheduled"]


@pytest.mark.seed(60)
async def test_a_reminders_code_links_the_booking_that_comes_of_it(booking: Booking) -> None:
    workshop_id, owner = await booking.workshop(bays=3)
    partner = booking.partner()
    visit = await done(booking, workshop_id, owner, partner)
    reminder = await reminder_of(booking, visit, partner)
    assert (reminder["booking_id"], reminder["status"]) == (visit["id"], "scheduled")
    body = await booking.visit(workshop_id, partner, reminder_code=reminder["code"])
    stranger = await booking.client.post("/v1/bookings", json=body, headers=booking.partner())
    assert stranger.json()["errors"][0]["code"] == "unknown-code"
    again = await booking.post("/v1/bookings", partner, **body)
    assert (again["source"], again["reminder_id"]) == ("reminder", reminder["id"])
    now = await reminder_of(booking, visit, owner)
    assert (now["status"], now["rebooking_id"]) == ("rebooked", again["id"])
    twice = await booking.client.post("/v1/bookings", json=body, headers=partner)
    assert (twice.status_code, twice.json()["code"]) == (409, "already-rebooked")
    assert twice.json()["booking_id"] == again["id"]


@pytest.mark.seed(53)
async def test_who_drives_more_is_reminded_earlier(booking: Booking) -> None:
    workshop_id, _ = await booking.workshop(bays=2, reminder_months=12, reminder_kilometres=10_000)
    partner, owner = (
        lasting(booking, role, partner_id="par_y") for role in ("partner", "operator")
    )
    for kilometres in (100_000, 105_000):
        car = CAR | {"vin": VIN, "mileage": kilometres}
        visit = await done(booking, workshop_id, owner, partner, car=car)
        booking.clock.advance(timedelta(days=50))
    reminder = await reminder_of(booking, visit, partner)
    assert reminder["due_kilometres"] == 115_000
    # 5,000 km in 50 days: 10,000 more are gone 100 days after the second visit.
    due = datetime.fromisoformat(reminder["due_at"])
    expected = datetime.fromisoformat(visit["drop_off_at"]) + timedelta(days=100)
    assert abs(due - expected) < timedelta(days=2)


async def test_who_gives_anothers_number_is_not_told_of_the_others_car(booking: Booking) -> None:
    workshop_id, owner = await booking.workshop(bays=2)
    starts = await booking.starts(workshop_id, owner)
    car = CAR | {"vin": VIN}
    await booking.book(workshop_id, owner, car=car, drop_off_at=starts[-1])
    stranger = {"name": "Eve", "email": "eve@example.com", "phone": CUSTOMER["phone"]}
    other = {"registration": {"plate": "EVE", "country": "AU"}}
    await booking.book(workshop_id, owner, customer=stranger, car=other, drop_off_at=starts[0])
    _, reminder = await remind(booking, owner, phone=CUSTOMER["phone"])
    told = (reminder["customer"]["email"], reminder["car"]["vin"])
    assert told == (CUSTOMER["email"], VIN)


@pytest.mark.seed(53)
async def test_a_car_that_hardly_moves_is_done_and_reminded_by_date(booking: Booking) -> None:
    workshop_id, _ = await booking.workshop(reminder_months=12, reminder_kilometres=15_000)
    partner, owner = (
        lasting(booking, role, partner_id="par_z") for role in ("partner", "operator")
    )
    for kilometres in (50_000, 50_001):
        visit = await done(booking, workshop_id, owner, partner, car=CAR | {"mileage": kilometres})
        booking.clock.advance(timedelta(days=400))
    reminder = await reminder_of(booking, visit, partner)
    # 15,000 km at that pace are gone in the year 18,000.
    ahead = datetime.fromisoformat(reminder["due_at"]) - booking.clock.now()
    assert timedelta(days=-40) < ahead < timedelta(days=-30)


@pytest.mark.seed(64)
async def test_a_vehicles_history_says_what_when_and_at_what_mileage(booking: Booking) -> None:
    workshop_id, owner = await booking.workshop(bays=5)
    oil = await booking.service_of(workshop_id, owner)
    partner = booking.partner()
    made = []
    starts = await booking.starts(workshop_id, partner)
    for place, kilometres in enumerate((90_000, 100_000, 95_000)):
        car = CAR | {"vin": VIN, "mileage": kilometres}
        services = [{"catalog_id": oil["id"]}]
        made.append(
            await done(
                booking, workshop_id, owner, partner,
                car=car, services=services, drop_off_at=starts[place * 2],
            )
        )  # fmt: skip
    await booking.book(workshop_id, partner, car=CAR | {"vin": VIN})  # not done
    await done(booking, workshop_id, owner, booking.partner(), car=CAR | {"vin": VIN})

    async def history(headers: Headers, **query: str) -> list[Json]:
        answer = await booking.client.get("/v1/service-history", params=query, headers=headers)
        assert answer.status_code == 200, answer.text
        found: list[Json] = answer.json()["data"]
        return found

    found = await history(partner, vin=VIN)
    assert [each["id"] for each in found] == [each["id"] for each in made[::-1]]
    assert [each["mileage"] for each in found] == [95_000, 100_000, 90_000]
    assert [each["warnings"] for each in found] == [["odometer-rollback"], [], []]
    assert made[2]["warnings"] == ["odometer-rollback"]
    assert {each["services"][0]["title"] for each in found} == {"Oil change"}
    assert all(each["done_at"] for each in found)
    assert len(await history(partner, plate="ABC123", country="AU")) == 3
    assert await history(partner, plate="ABC123", country="NZ") == []
    assert len(await history(owner, vin=VIN)) == 4
    assert await history(booking.partner(), vin=VIN) == []
    for query in ({}, {"vin": VIN, "plate": "ABC123"}):
        refused = await booking.client.get("/v1/service-history", params=query, headers=partner)
        assert refused.status_code == 422


@pytest.mark.seed(53, 59)
async def test_nobody_is_reminded_in_quiet_hours_by_their_own_clock(booking: Booking) -> None:
    now = booking.clock.now()
    quiet = [(now + timedelta(hours=n)).strftime("%H:%M") for n in (-2, 3)]
    workshop_id, _ = await booking.workshop(bays=2, time_zone="Etc/GMT+12", quiet_hours=quiet)
    partner = lasting(booking, "partner", partner_id="par_z")
    here = CUSTOMER | {"time_zone": "UTC"}
    ada = await booking.book(workshop_id, partner, customer=here)
    _, reminder = await remind(booking, partner, customer_id=ada["customer_id"])
    assert reminder["status"] == "scheduled"
    due = datetime.fromisoformat(reminder["due_at"])
    assert due.strftime("%H:%M") == quiet[1]
    assert now < due <= now + timedelta(hours=3)
    booking.clock.advance(timedelta(hours=2))
    await remind_due(booking.service.database)
    assert await booking.types(reminder["id"]) == ["reminder.scheduled"]
    booking.clock.advance(timedelta(hours=1))
    await remind_due(booking.service.database)
    assert await booking.types(reminder["id"]) == ["reminder.scheduled", "reminder.due"]

    # By the workshop's clock, half a world away, it is the time to be told.
    _, there = await remind(
        booking,
        partner,
        customer_id=(await booking.book(workshop_id, partner, customer=OTHER))["customer_id"],
    )
    assert there["status"] == "due"


async def test_a_reminder_that_cannot_be_told_keeps_no_other_back(booking: Booking) -> None:
    workshop_id, _ = await booking.workshop(bays=2, reminder_months=1)
    partner, owner = (
        lasting(booking, role, partner_id="par_o") for role in ("partner", "operator")
    )
    broken, whole = [
        await done(booking, workshop_id, owner, partner, customer=who) for who in (CUSTOMER, OTHER)
    ]
    lost = text("UPDATE customers SET time_zone = 'Mars/Olympus' WHERE id = :of")
    async with booking.service.engine.begin() as connection:
        await connection.execute(lost, {"of": broken["customer_id"]})
    booking.clock.advance(timedelta(days=40))
    await remind_due(booking.service.database)
    assert (await reminder_of(booking, whole, partner))["status"] == "due"
    later = await reminder_of(booking, broken, partner)
    assert later["status"] == "scheduled"
    assert datetime.fromisoformat(later["due_at"]) > booking.clock.now()


def test_quiet_hours_end_by_the_clock_on_the_wall() -> None:

    berlin, night = ZoneInfo("Europe/Berlin"), (21 * 60, 8 * 60)
    for told, when in [
        ("2027-03-27T19:59", "2027-03-27T19:59"),
        ("2027-03-27T20:00", "2027-03-28T06:00"),  # the clocks go forward that night
        ("2027-03-28T05:59", "2027-03-28T06:00"),
        ("2027-03-28T06:00", "2027-03-28T06:00"),
    ]:
        asked, expected = (datetime.fromisoformat(at).replace(tzinfo=UTC) for at in (told, when))
        assert after_quiet(asked, night, berlin) == expected
    noon = datetime(2027, 1, 1, 12, 30, tzinfo=UTC)
    assert after_quiet(noon, (12 * 60, 13 * 60), ZoneInfo("UTC")).hour == 13
    assert after_quiet(noon, None, berlin) == noon
