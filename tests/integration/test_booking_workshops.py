"""Workshops over HTTP: who may change them, and their catalog."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import pytest_asyncio

from infra.access import SigningKeys
from infra.booking import Booking, booking_service
from infra.databases import MakeDatabase
from shared.ids import new_id

SYDNEY = ZoneInfo("Australia/Sydney")


@pytest_asyncio.fixture(scope="module")
async def booking(module_database: MakeDatabase, keys: SigningKeys) -> AsyncIterator[Booking]:
    async with booking_service(module_database, keys) as made:
        yield made


async def test_a_workshop_is_read_as_it_was_opened(booking: Booking) -> None:
    workshop_id, owner = await booking.workshop(
        hours={"mon": [["08:00", "12:00"], ["13:00", "17:00"]]}
    )
    read = (await booking.client.get(f"/v1/workshops/{workshop_id}", headers=owner)).json()
    assert read["hours"]["mon"] == [["08:00", "12:00"], ["13:00", "17:00"]]
    assert read["hours"]["tue"] == []
    assert (read["time_zone"], read["slot_minutes"], read["reminder_months"]) == (
        "Australia/Sydney", 30, 6,
    )  # fmt: skip
    ((kind, number, data),) = await booking.events(workshop_id)
    assert (kind, number) == ("workshop.created", 1)
    assert (data["id"], data["partner_id"]) == (workshop_id, read["partner_id"])


async def test_where_a_workshop_is_is_told_down_to_the_region(booking: Booking) -> None:
    workshop_id, owner = await booking.workshop(region="AU-NSW")
    moved = {"country": "CA", "region": "CA-QC"}
    changed = await booking.client.patch(f"/v1/workshops/{workshop_id}", json=moved, headers=owner)
    assert changed.json().items() >= moved.items()
    told = [data["region"] for _, _, data in await booking.events(workshop_id)]
    assert told == ["AU-NSW", "CA-QC"]


async def test_a_change_is_told_once_and_no_change_isnt(booking: Booking) -> None:
    workshop_id, owner = await booking.workshop()
    path = f"/v1/workshops/{workshop_id}"
    for _ in range(2):
        changed = await booking.client.patch(
            path, json={"name": "Dock", "slot_minutes": 15}, headers=owner
        )
        assert (changed.json()["name"], changed.json()["slot_minutes"]) == ("Dock", 15)
    hours = {"sat": [["10:00", "24:00"]]}
    put = await booking.client.put(f"{path}/hours", json=hours, headers=owner)
    assert put.json() == (await booking.client.get(f"{path}/hours", headers=owner)).json()
    assert put.json()["sat"] == [["10:00", "24:00"]]
    told = [(kind, number) for kind, number, _ in await booking.events(workshop_id)]
    assert told == [("workshop.created", 1), ("workshop.updated", 2), ("workshop.updated", 3)]


@pytest.mark.seed(63)
@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"time_zone": "Australia/Nowhere"}, "/time_zone", "unknown-time-zone"),
        ({"hours": {"mon": [["12:00", "08:00"]]}}, "/hours/mon", "not-a-schedule"),
        (
            {"hours": {"sun": [["08:00", "12:00"], ["11:00", "13:00"]]}},
            "/hours/sun",
            "not-a-schedule",
        ),
        ({"hours": {"mon": [["8", "12:00"]]}}, "/hours/mon/0/0", "not-a-wall-time"),
        ({"hours": {"day": []}}, "/hours/day", "unknown-field"),
        ({"name": None}, "/name", "null"),
        ({"slot_minutes": 7}, "/slot_minutes", "literal-error"),
        ({"country": "Australia"}, "/country", "string-pattern-mismatch"),
        ({"region": "CA-QC"}, "/region", "other-country"),
    ],
)  # fmt: skip
async def test_a_bad_change_is_refused_by_name(
    booking: Booking, change: dict[str, Any], pointer: str, code: str
) -> None:
    workshop_id, owner = await booking.workshop()
    answer = await booking.client.patch(f"/v1/workshops/{workshop_id}", json=change, headers=owner)
    assert answer.status_code == 422
    assert [(each["pointer"], each["code"]) for each in answer.json()["errors"]] == [
        (pointer, code)
    ]


@pytest.mark.seed(33)
@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PATCH", "", {"name": "Mine"}),
        ("PUT", "/hours", {}),
        ("POST", "/resources", {"kind": "bay", "name": "Mine"}),
        ("GET", "/resources", None),
        ("POST", "/closures", {"from": "2027-01-01", "to": "2027-01-01"}),
        ("DELETE", "/closures/clo_1", None),
        (
            "POST",
            "/services",
            {"code": "x", "title": "X", "category": "other", "duration": "PT1H"},
        ),
    ],
)
async def test_another_account_finds_no_such_workshop(
    booking: Booking, method: str, path: str, body: dict[str, Any] | None
) -> None:
    workshop_id, _ = await booking.workshop()
    other = booking.keys.headers("workshop", "partner")
    theirs, nobodys = [
        await booking.client.request(method, f"/v1/workshops/{of}{path}", json=body, headers=other)
        for of in (workshop_id, new_id("wks"))
    ]
    assert theirs.status_code == nobodys.status_code == 404
    assert theirs.json() == nobodys.json()
    assert theirs.json()["code"] == "not-found"


async def test_partners_read_every_workshop_and_change_none(booking: Booking) -> None:
    workshop_id, _ = await booking.workshop()
    partner = booking.partner()
    listed = (await booking.client.get("/v1/workshops", headers=partner)).json()
    assert workshop_id in {each["id"] for each in listed["data"]}
    refused = await booking.client.patch(f"/v1/workshops/{workshop_id}", json={}, headers=partner)
    assert (refused.status_code, refused.json()["code"]) == (403, "insufficient-scope")


async def test_an_operator_changes_any_workshop(booking: Booking) -> None:
    workshop_id, _ = await booking.workshop()
    operator = booking.keys.headers("operator")
    path = f"/v1/workshops/{workshop_id}"
    changed = await booking.client.patch(path, json={"name": "Theirs"}, headers=operator)
    assert changed.json()["name"] == "Theirs"


@pytest.mark.seed(38)
async def test_the_catalog_says_what_each_service_is(booking: Booking) -> None:
    workshop_id, owner = await booking.workshop()
    tyres = await booking.service_of(
        workshop_id, owner, code="tyres", title="Tyres", category="tyres", duration="PT1H30M",
        cost=None, icon="tyre", colour="#1f6feb",
        cost_range={
            "low": {"amount": 20000, "currency": "AUD"},
            "high": {"amount": 80000, "currency": "AUD"},
        },
    )  # fmt: skip
    oil = await booking.service_of(workshop_id, owner, category="logbook")
    path = f"/v1/workshops/{workshop_id}/services"
    listed = (await booking.client.get(path, headers=booking.partner())).json()
    assert listed == {"data": [oil, tyres], "next_cursor": None}
    assert (oil["category"], oil["cost"]["amount"], oil["cost_range"]) == (
        "maintenance",
        9900,
        None,
    )
    assert (tyres["duration"], tyres["icon"], tyres["colour"]) == ("PT1H30M", "tyre", "#1f6feb")
    assert tyres["cost_range"]["high"] == {"amount": 80000, "currency": "AUD"}
    again = {key: oil[key] for key in ("code", "title", "category", "duration")}
    taken = await booking.client.post(path, json=again, headers=owner)
    assert (taken.status_code, taken.json()["code"]) == (409, "code-taken")
