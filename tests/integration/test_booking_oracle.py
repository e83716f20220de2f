"""What is offered can be booked, and nothing else: random workshops, against brute force."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from infra.access import SigningKeys
from infra.booking import Booking, Headers, Json, booking_service
from infra.bruteforce import WEEKDAYS, Basket, Brute
from infra.databases import MakeDatabase

HISTORIES = int(os.environ.get("ROADWORTHY_ORACLE_WORKSHOPS", "12"))
"""A thousand, for a thorough look."""
ROUNDS = 3
REFUSALS_TRIED = 3
SKILLS = ("brakes", "ev")

ZONES = st.sampled_from(
    [
        "Australia/Sydney", "Europe/London", "America/New_York", "Australia/Lord_Howe",
        "Asia/Tokyo", "Asia/Kathmandu", "UTC", "America/Santiago",
    ]
)  # fmt: skip


@pytest_asyncio.fixture(scope="module")
async def booking(module_database: MakeDatabase, keys: SigningKeys) -> AsyncIterator[Booking]:
    async with booking_service(module_database, keys) as made:
        yield made


def wall(quarters: int) -> str:
    return f"{quarters // 4:02d}:{quarters % 4 * 15:02d}"


@st.composite
def spans(draw: st.DrawFn) -> list[list[str]]:
    """Up to two spans, on quarters of an hour, often around the clock."""
    if draw(st.integers(0, 3)) == 0:
        return [["00:00", "24:00"]]
    bounds = sorted(draw(st.sets(st.integers(0, 96), min_size=2, max_size=4)))
    pairs = zip(bounds[::2], bounds[1::2], strict=False)
    return [[wall(opens), wall(closes)] for opens, closes in pairs]


def weeks() -> st.SearchStrategy[dict[str, list[list[str]]]]:
    return st.fixed_dictionaries({day: spans() for day in WEEKDAYS})


def services() -> st.SearchStrategy[Json]:
    quarters = st.integers(0, 4).map(lambda n: f"PT{n * 15}M")
    return st.fixed_dictionaries(
        {
            "duration": st.integers(1, 24).map(lambda n: f"PT{n * 15}M"),
            "category": st.sampled_from(["tyres", "repair"]),
            "buffer_before": quarters,
            "buffer_after": quarters,
            "resources": st.lists(
                st.sampled_from(["technician", "loan-car", "courtesy"]), unique=True
            ),
            "skills": st.lists(st.sampled_from(SKILLS), max_size=1),
            "daily_limit": st.none() | st.integers(0, 3),
        }
    )


@st.composite
def first_days(draw: st.DrawFn, zone: str) -> int:
    """Choose how many days ahead the week begins: within a year, often when the clock changes."""
    today = datetime.now(UTC).date()
    offsets = [
        datetime.combine(today + timedelta(days=n), datetime.min.time(), ZoneInfo(zone)).utcoffset()
        for n in range(365)
    ]
    changing = [n - 3 for n in range(4, 365) if offsets[n] != offsets[n - 1]]
    return draw(st.integers(0, 360) | st.sampled_from(changing or [0]))


async def opened(
    booking: Booking, data: st.DataObject, zone: str, ahead: int
) -> tuple[Brute, str, Headers, list[Json]]:
    """Open a random workshop, by HTTP and on paper."""
    first = booking.today + timedelta(days=ahead)
    week = data.draw(weeks(), "hours")
    windows = st.none() | weeks()
    rules = {
        "lead_minutes": data.draw(st.sampled_from([0, 0, 60 * 24 * 4])),
        "horizon_days": data.draw(st.sampled_from([731, 731, ahead + 2])),
        "daily_limit": data.draw(st.none() | st.integers(1, 4)),
        "category_limits": data.draw(st.dictionaries(st.just("tyres"), st.integers(0, 3))),
        "drop_off_hours": data.draw(windows, "drop-off"),
        "pick_up_hours": data.draw(windows, "pick-up"),
    }
    step = data.draw(st.sampled_from([15, 30]))
    workshop_id, owner = await booking.workshop(
        bays=0, time_zone=zone, hours=week, slot_minutes=step, rules=rules
    )
    paper = Brute(
        zone=ZoneInfo(zone),
        step=timedelta(minutes=step),
        week=week,
        now=booking.clock.now(),
        drop_off=rules["drop_off_hours"],
        pick_up=rules["pick_up_hours"],
        lead=timedelta(minutes=rules["lead_minutes"]),
        horizon=timedelta(days=rules["horizon_days"]),
        limits={f"category:{of}": limit for of, limit in rules["category_limits"].items()},
    )
    if rules["daily_limit"] is not None:
        paper.limits["any"] = rules["daily_limit"]
    paper.limits["courtesy"] = 0
    path = f"/v1/workshops/{workshop_id}"
    for day, instead in data.draw(
        st.dictionaries(st.integers(0, 7), spans() | st.just([]), max_size=2), "special"
    ).items():
        paper.special[first + timedelta(days=day)] = instead
        url = f"{path}/special-days/{first + timedelta(days=day)}"
        put = await booking.client.put(url, json={"hours": instead}, headers=owner)
        assert put.status_code == 200, put.text
    if data.draw(st.booleans(), "closure"):
        paper.closed = {first + timedelta(days=2)}
        days = dict.fromkeys(("from", "to"), (first + timedelta(days=2)).isoformat())
        await booking.post(f"{path}/closures", owner, **days)
    for kind, most in (("bay", 2), ("technician", 2), ("loan-car", 2), ("courtesy", 2)):
        for number in range(data.draw(st.integers(int(kind == "bay"), most), kind)):
            more: Json = {}
            if kind == "technician":
                more["skills"] = data.draw(st.lists(st.sampled_from(SKILLS), unique=True))
            if kind == "courtesy":
                more["capacity"] = data.draw(st.integers(1, 2))
            body = {"kind": kind, "name": f"{kind} {number}"} | more
            made = await booking.post(f"{path}/resources", owner, **body)
            match kind:
                case "bay":
                    paper.bays.append(made["id"])
                case "technician":
                    paper.technicians[made["id"]] = set(more["skills"])
                case "loan-car":
                    paper.loan_cars.append(made["id"])
                case _:
                    paper.limits["courtesy"] += made["capacity"]
    offered = [
        await booking.service_of(workshop_id, owner, code=f"s{number}", **data.draw(services()))
        for number in range(2)
    ]
    for each in offered:
        if each["daily_limit"] is not None:
            paper.limits[f"service:{each['id']}"] = each["daily_limit"]
    return paper, workshop_id, owner, offered


def minutes(text: str) -> timedelta:
    hours, _, rest = text.removeprefix("PT").rpartition("H")
    return timedelta(hours=int(hours or 0), minutes=int(rest.removesuffix("M") or 0))


def basket_of(chosen: list[Json], *, loan_car: bool, courtesy: bool) -> Basket:
    kinds = {kind for each in chosen for kind in each["resources"]}
    skills = {skill for each in chosen for skill in each["skills"]}
    none = timedelta()
    return Basket(
        work=sum((minutes(each["duration"]) for each in chosen), none) or timedelta(hours=1),
        before=max((minutes(each["buffer_before"]) for each in chosen), default=none),
        after=max((minutes(each["buffer_after"]) for each in chosen), default=none),
        skills=skills,
        technician=bool(skills) or "technician" in kinds,
        loan_car=loan_car or "loan-car" in kinds,
        counts_as={"any"}
        | {f"category:{each['category']}" for each in chosen}
        | {f"service:{each['id']}" for each in chosen}
        | ({"courtesy"} if courtesy or "courtesy" in kinds else set()),
    )


@pytest.mark.timeout(60 + 10 * HISTORIES)
@pytest.mark.seed(34, 35, 36, 37, 46, 65, 72, 73)
@settings(
    max_examples=HISTORIES,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    # Each example takes a second: what fails is told as it is, not made smaller for minutes.
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    print_blob=True,
)
@given(data=st.data(), zone=ZONES)
async def test_what_is_offered_is_booked_and_what_is_refused_is_not(
    booking: Booking, data: st.DataObject, zone: str
) -> None:
    ahead = data.draw(first_days(zone), "ahead")
    paper, workshop_id, owner, offers = await opened(booking, data, zone, ahead)
    first = booking.today + timedelta(days=ahead)
    last = first + timedelta(days=6)
    for _ in range(ROUNDS):
        chosen = data.draw(st.lists(st.sampled_from(offers), max_size=2), "services")
        loan_car = data.draw(st.booleans(), "loan car")
        courtesy = data.draw(st.sampled_from([False, False, True]), "courtesy")
        basket = basket_of(chosen, loan_car=loan_car, courtesy=courtesy)
        query: dict[str, str] = {
            "services": ",".join(each["id"] for each in chosen),
            "loan_car": str(loan_car).lower(),
            "courtesy": str(courtesy).lower(),
            "explain": "true",
            "from": first.isoformat(),
            "to": last.isoformat(),
        }
        paper.now = booking.clock.now()
        days = await booking.days(workshop_id, owner, **query)
        slots = {_moment(slot["start"]): slot for day in days for slot in day["slots"]}
        assert set(slots) == paper.offered(first, last, basket)
        for at, slot in slots.items():
            assert _moment(slot["pick_up_at"]) == paper.pick_up_at(at + basket.work)
        refused = [slot for day in days for slot in day["refused"]]
        assert all(slot["reasons"] for slot in refused)
        body = {
            "services": [{"catalog_id": each["id"]} for each in chosen],
            "loan_car": loan_car,
            "courtesy": courtesy,
            "service_category": "other",
        }
        for slot in (
            data.draw(st.lists(st.sampled_from(refused), max_size=REFUSALS_TRIED))
            if refused
            else ()
        ):
            await _refused(booking, workshop_id, owner, body, slot)
        if slots:
            at = data.draw(st.sampled_from(sorted(slots)), "booked")
            visit = body | {"drop_off_at": at.isoformat().replace("+00:00", "Z")}
            made = await booking.book(workshop_id, owner, **visit)
            if data.draw(st.integers(0, 3), "cancelled") == 0:
                await booking.move(made, owner, "cancelled")
            else:
                paper.book(at, basket, made)


async def _refused(
    booking: Booking, workshop_id: str, owner: Headers, body: Json, slot: Json
) -> None:
    visit = await booking.visit(workshop_id, owner, **body, drop_off_at=slot["start"])
    answer = await booking.client.post("/v1/bookings", json=visit, headers=owner)
    codes = [each["code"] for each in slot["reasons"]]
    said = [each["code"] for each in answer.json().get("errors", ())]
    assert answer.status_code in {409, 422}, (slot, answer.text)
    assert said == codes or said == ["in-the-past"], (slot, answer.text)


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
