"""What a workshop has, offers and asks of bookings, changed over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, timedelta

import pytest
import pytest_asyncio

from infra.access import SigningKeys
from infra.booking import Booking, Json, booking_service, changed, refused
from infra.databases import MakeDatabase
from shared.ids import new_id


@pytest_asyncio.fixture(scope="module")
async def booking(module_database: MakeDatabase, keys: SigningKeys) -> AsyncIterator[Booking]:
    async with booking_service(module_database, keys) as made:
        yield made


async def test_rules_are_kept_and_changed_one_by_one(booking: Booking) -> None:
    rules = {"lead_minutes": 120, "category_limits": {"tyres": 4, "repair": 2}}
    workshop_id, owner = await booking.workshop(rules=rules)
    path = f"/v1/workshops/{workshop_id}"
    change = {
        "category_limits": {"repair": None, "basic": 3},
        "pick_up_hours": {"mon": [["16:00", "17:00"]]},
    }
    answer = await changed(booking, path, owner, rules=change)
    pick_up = answer["rules"].pop("pick_up_hours")
    assert pick_up["mon"] == [["16:00", "17:00"]]
    assert answer["rules"] == {
        "lead_minutes": 120,
        "horizon_days": 731,
        "cancel_until_hours": None,
        "daily_limit": None,
        "category_limits": {"tyres": 4, "maintenance": 3},
        "drop_off_hours": None,
    }
    assert (await booking.client.get(path, headers=owner)).json()["rules"]["lead_minutes"] == 120
    assert len(await booking.types(workshop_id)) == 2


@pytest.mark.seed(63)
@pytest.mark.parametrize(
    ("rules", "pointer", "code"),
    [
        ({"lead_minutes": -1}, "/rules/lead_minutes", "greater-than-equal"),
        ({"lead_minutes": None}, "/rules/lead_minutes", "null"),
        ({"horizon_days": 1000}, "/rules/horizon_days", "less-than-equal"),
        ({"daily_limit": "8"}, "/rules/daily_limit", "int-type"),
        ({"category_limits": {"washing": 1}}, "/rules/category_limits/washing/[key]", "enum"),
        ({"drop_off_hours": {"mon": [["9", "10:00"]]}}, "/rules/drop_off_hours/mon/0/0",
         "not-a-wall-time"),
        ({"limit": 8}, "/rules/limit", "unknown-field"),
    ],
)  # fmt: skip
async def test_a_bad_rule_is_refused_by_name(
    booking: Booking, rules: Json, pointer: str, code: str
) -> None:
    workshop_id, owner = await booking.workshop(bays=0)
    path = f"/v1/workshops/{workshop_id}"
    found = await refused(booking, "PATCH", path, owner, {"rules": rules})
    assert found == (422, "invalid-request", [(pointer, code)])


async def test_resources_have_what_belongs_to_their_kind(booking: Booking) -> None:
    workshop_id, owner = await booking.workshop(bays=0)
    path = f"/v1/workshops/{workshop_id}/resources"
    skilled = {"kind": "technician", "name": "Rosa", "skills": ["ev", "brakes", "ev"]}
    rosa = await booking.post(path, owner, **skilled)
    assert (rosa["skills"], rosa["capacity"], rosa["in_service"]) == (["brakes", "ev"], None, True)
    shuttle = await booking.post(path, owner, kind="courtesy", name="Shuttle", capacity=6)
    for body, pointer in (
        ({"kind": "bay", "name": "One", "skills": ["ev"]}, "/skills"),
        ({"kind": "bay", "name": "One", "capacity": 2}, "/capacity"),
        ({"kind": "courtesy", "name": "Lounge"}, "/capacity"),
    ):
        found = await refused(booking, "POST", path, owner, body)
        assert found == (422, "invalid-request", [(pointer, "not-of-this-kind")])
    away = await changed(booking, f"{path}/{rosa['id']}", owner, in_service=False, skills=["ev"])
    assert (away["name"], away["in_service"], away["skills"]) == ("Rosa", False, ["ev"])
    found = await refused(
        booking, "PATCH", f"{path}/{shuttle['id']}", owner, {"skills": ["driving"]}
    )
    assert found == (422, "invalid-request", [("/skills", "not-of-this-kind")])
    found = await refused(booking, "PATCH", f"{path}/{rosa['id']}", owner, {"kind": "bay"})
    assert found == (422, "invalid-request", [("/kind", "not-editable")])


@pytest.mark.seed(38)
async def test_a_service_is_changed_field_by_field(booking: Booking) -> None:
    workshop_id, owner = await booking.workshop()
    oil = await booking.service_of(workshop_id, owner)
    await booking.service_of(workshop_id, owner, code="tyres")
    assert (oil["buffer_before"], oil["resources"], oil["skills"]) == ("PT0M", [], [])
    path = f"/v1/workshops/{workshop_id}/services/{oil['id']}"
    low, high = ({"amount": amount, "currency": "AUD"} for amount in (8000, 12000))
    more = {
        "cost_range": {"low": low, "high": high},
        "buffer_after": "PT15M",
        "resources": ["loan-car", "bay", "technician"],
        "skills": ["engines"],
        "daily_limit": 3,
        "icon": "drop",
        "colour": "#1f6feb",
    }
    after = await changed(booking, path, owner, **more)
    assert after == oil | more | {"cost": None, "resources": ["technician", "loan-car"]}
    listed = await booking.client.get(f"/v1/workshops/{workshop_id}/services", headers=owner)
    assert after in listed.json()["data"]
    cheaper = await changed(booking, path, owner, cost={"amount": 1, "currency": "AUD"})
    assert (cheaper["cost"]["amount"], cheaper["cost_range"]) == (1, None)
    found = await refused(booking, "PATCH", path, owner, {"code": "tyres"})
    assert found == (409, "code-taken", [("/code", "code-taken")])
    found = await refused(booking, "PATCH", path, owner, {"duration": None, "skills": ["Not so"]})
    assert found[2] == [("/duration", "null"), ("/skills/0", "string-pattern-mismatch")]


@pytest.mark.seed(35)
async def test_a_closure_is_moved(booking: Booking) -> None:
    workshop_id, owner = await booking.workshop()
    path = f"/v1/workshops/{workshop_id}/closures"
    days = {"from": booking.day(7), "to": booking.day(8)}
    closure = await booking.post(path, owner, **days)
    assert await booking.starts(workshop_id, owner) == []
    found = await refused(
        booking, "PATCH", f"{path}/{closure['id']}", owner, {"from": booking.day(9)}
    )
    assert found == (422, "invalid-request", [("/to", "reversed")])
    moved = await changed(
        booking, f"{path}/{closure['id']}", owner, **{"from": booking.day(8)}, reason="Stocktake"
    )
    assert (moved["from"], moved["to"], moved["reason"]) == (
        booking.day(8), booking.day(8), "Stocktake",
    )  # fmt: skip
    assert await booking.starts(workshop_id, owner)


@pytest.mark.seed(35)
async def test_a_special_day_goes_before_the_week_and_a_closure_before_both(
    booking: Booking,
) -> None:
    workshop_id, owner = await booking.workshop(time_zone="UTC")
    path = f"/v1/workshops/{workshop_id}/special-days"
    day = booking.day()
    body = {"hours": [["20:00", "21:30"]], "reason": "Late night"}
    for _ in range(2):
        put = await booking.client.put(f"{path}/{day}", json=body, headers=owner)
        assert put.json() == {"date": day} | body
    assert await booking.starts(workshop_id, owner) == [f"{day}T20:00:00Z", f"{day}T20:30:00Z"]
    partner = booking.partner()
    assert await booking.book(workshop_id, partner)
    usual = await booking.visit(workshop_id, partner, drop_off_at=f"{day}T09:00:00Z")
    answer = await booking.client.post("/v1/bookings", json=usual, headers=partner)
    assert (answer.status_code, answer.json()["code"]) == (409, "outside-hours")
    listed = await booking.client.get(path, headers=partner)
    assert listed.json() == {"data": [put.json()], "next_cursor": None}
    closure = await booking.post(
        f"/v1/workshops/{workshop_id}/closures", owner, **{"from": day, "to": day}
    )
    assert await booking.starts(workshop_id, owner) == []
    kind, _, told = (await booking.events(workshop_id))[-1]
    assert (kind, told["closures"], told["special_days"]) == (
        "workshop.updated", [[day, day]], {day: body["hours"]},
    )  # fmt: skip
    closures = f"/v1/workshops/{workshop_id}/closures/{closure['id']}"
    assert (await booking.client.delete(closures, headers=owner)).status_code == 204
    assert (await booking.client.delete(f"{path}/{day}", headers=owner)).status_code == 204
    assert (await booking.client.delete(f"{path}/{day}", headers=owner)).status_code == 404
    assert len(await booking.starts(workshop_id, owner)) == 15
    told = (await booking.events(workshop_id))[-1][2]
    assert (told["closures"], told["special_days"]) == ([], {})
    found = await refused(booking, "PUT", f"{path}/24-12-2026", owner, {"hours": []})
    assert found[2] == [("/path/date", "not-a-date")]


async def test_holidays_are_suggested_and_close_nothing(booking: Booking) -> None:
    workshop_id, owner = await booking.workshop(time_zone="Australia/Sydney")
    year = booking.today.year + 1
    path = f"/v1/workshops/{workshop_id}"
    read = {"year": str(year), "region": "NSW"}
    answer = await booking.client.get(f"{path}/holiday-suggestions", params=read, headers=owner)
    found = {each["date"]: each for each in answer.json()["data"]}
    australia_day = found[_weekday(date(year, 1, 26)).isoformat()]
    assert (found[f"{year}-12-25"]["name"], found[f"{year}-12-25"]["closed"]) == (
        "Christmas Day", False,
    )  # fmt: skip
    assert australia_day["name"].startswith("Australia Day")
    listed = await booking.client.get(f"{path}/closures", headers=owner)
    assert listed.json()["data"] == []
    await booking.client.put(f"{path}/special-days/{year}-12-25", json={"hours": []}, headers=owner)
    again = await booking.client.get(f"{path}/holiday-suggestions", params=read, headers=owner)
    closed = {each["date"] for each in again.json()["data"] if each["closed"]}
    assert closed == {f"{year}-12-25"}
    of_country = {"year": str(year)}
    for region, shown in (("AU-NSW", "NSW"), ("AU-XX", None)):
        await booking.client.patch(path, json={"region": region}, headers=owner)
        own = await booking.client.get(
            f"{path}/holiday-suggestions", params=of_country, headers=owner
        )
        assert (own.json()["region"], own.json()["data"] == again.json()["data"]) == (
            shown, shown == "NSW",
        )  # fmt: skip
    wrong = await booking.client.get(
        f"{path}/holiday-suggestions", params=read | {"region": "XYZ"}, headers=owner
    )
    assert [each["pointer"] for each in wrong.json()["errors"]] == ["/region"]


def _weekday(day: date) -> date:
    return day + timedelta(days=max(0, 7 - day.weekday()) if day.weekday() > 4 else 0)


@pytest.mark.seed(33)
@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PATCH", "/resources/{resource}", {"name": "Mine"}),
        ("PATCH", "/services/{service}", {"title": "Mine"}),
        ("PATCH", "/closures/{closure}", {"reason": "Mine"}),
        ("PUT", "/special-days/2027-01-01", {"hours": []}),
        ("DELETE", "/special-days/2027-01-01", None),
        ("GET", "/holiday-suggestions?year=2027", None),
    ],
)
async def test_another_account_changes_nothing_of_it(
    booking: Booking, method: str, path: str, body: Json | None
) -> None:
    workshop_id, owner = await booking.workshop(bays=0)
    at = f"/v1/workshops/{workshop_id}"
    new_year = {"from": "2027-01-01", "to": "2027-01-01"}
    ids = {
        "resource": (await booking.post(f"{at}/resources", owner, kind="bay", name="One"))["id"],
        "service": (await booking.service_of(workshop_id, owner))["id"],
        "closure": (await booking.post(f"{at}/closures", owner, **new_year))["id"],
    }
    others, other = await booking.workshop(bays=0)
    for workshop, caller in ((workshop_id, other), (new_id("wks"), other), (others, other)):
        url = f"/v1/workshops/{workshop}{path.format(**ids)}"
        if workshop == others and "{" not in path:
            continue
        answer = await booking.client.request(method, url, json=body, headers=caller)
        assert (answer.status_code, answer.json()["code"]) == (404, "not-found"), url
