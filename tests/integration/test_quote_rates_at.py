"""Whose rate holds, and when: classes, workshops, periods, taxes."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import product
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from infra.quoting import QuoteDesk
from infra.waiting import eventually
from shared.contracts import RateCardV1
from shared.ids import new_id

VIN = "1HGCM82633A004352"


def rate(dollars: int, **more: Any) -> dict[str, Any]:
    """Make a rate that is this many dollars in parts."""
    return {
        "labour_hours": "1",
        "hourly_rate": {"amount": 0, "currency": "AUD"},
        "parts": {"amount": dollars * 100, "currency": "AUD"},
        "tax_rate": "0.10",
        **more,
    }


def card(*rates: dict[str, Any]) -> dict[str, Any]:
    return {"title": "Ceramic coat", "rates": list(rates)}


async def price(quoting: QuoteDesk, service: str, vehicle_class: str = "any", **more: Any) -> int:
    """Ask for a quote, and return its line's price in dollars before tax."""
    vehicle = {"vin": VIN, "vehicle_class": vehicle_class}
    quote = await quoting.quote(service, vehicle=vehicle, **more)
    cents: int = quote["items"][0]["price"]["amount"]
    return cents // 100


@pytest.mark.seed(1)
async def test_the_workshops_rate_goes_before_the_general_one_then_the_class_before_any(
    quoting: QuoteDesk,
) -> None:
    account = new_id("par")
    workshop_id = await quoting.workshop(account)
    path = "/v1/rate-cards/coat"
    await quoting.put(path, card(rate(100), rate(110, vehicle_class="suv")))
    own = quoting.headers("workshop", account=account)
    body = card(rate(200), rate(230, vehicle_class="van"))
    await quoting.put(path, body, own, workshop_id=workshop_id)

    chosen = {
        (site, cls): await price(
            quoting, "coat", cls, **({"workshop_id": workshop_id} if site else {})
        )
        for site, cls in product([False, True], ["any", "suv", "van"])
    }
    assert chosen == {
        (False, "any"): 100, (False, "suv"): 110, (False, "van"): 100,
        (True, "any"): 200, (True, "suv"): 200, (True, "van"): 230,
    }  # fmt: skip

    shown = await quoting.get("/v1/rate-cards", workshop_id=workshop_id)
    own_ones = [each for each in shown["data"] if each["service"] == "coat"]
    assert [each["workshop_id"] for each in own_ones] == [workshop_id, workshop_id]
    assert "detailing" in {each["service"] for each in shown["data"]}
    elsewhere = await quoting.get("/v1/rate-cards")
    assert workshop_id not in str(elsewhere)


async def test_what_one_workshop_alone_offers_is_unknown_elsewhere(quoting: QuoteDesk) -> None:
    account = new_id("par")
    workshop_id = await quoting.workshop(account)
    own = quoting.headers("workshop", account=account)
    await quoting.put("/v1/rate-cards/gilding", card(rate(9)), own, workshop_id=workshop_id)
    assert await price(quoting, "gilding", workshop_id=workshop_id) == 9
    body = {"vehicle": {"vin": VIN}, "items": [{"service": "gilding"}]}
    answer = await quoting.client.post("/v1/quotes", json=body, headers=quoting.headers("partner"))
    assert [error["code"] for error in answer.json()["errors"]] == ["unknown-service"]


async def test_a_workshops_rates_are_told_as_its_own(quoting: QuoteDesk) -> None:
    account = new_id("par")
    workshop_id = await quoting.workshop(account)
    own = quoting.headers("workshop", account=account)
    made = await quoting.put("/v1/rate-cards/coat", card(rate(300)), own, workshop_id=workshop_id)
    [told] = await quoting.told(made["id"])
    event = RateCardV1.model_validate(told.data)
    assert (told.partner_id, event.workshop_id) == (account, workshop_id)
    assert [each.workshop_id for each in event.rates] == [workshop_id]


@pytest.mark.seed(33)
async def test_rates_are_set_by_whose_they_are_alone(quoting: QuoteDesk) -> None:
    owner, stranger = new_id("par"), new_id("par")
    workshop_id = await quoting.workshop(owner)
    path, body = "/v1/rate-cards/coat", card(rate(1))
    other = quoting.headers("workshop", account=stranger) | {"Prefer": "wait=0"}

    general = await quoting.client.put(path, json=body, headers=other)
    assert (general.status_code, general.json()["code"]) == (403, "general-rates")

    answers = []
    for place in (workshop_id, new_id("wks")):
        query = {"workshop_id": place}
        answers += [
            await quoting.client.put(path, json=body, params=query, headers=other),
            await quoting.client.get(path, params=query, headers=other),
            await quoting.client.get(f"{path}/history", params=query, headers=other),
            await quoting.client.get("/v1/rate-cards", params=query, headers=other),
        ]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.text for answer in answers}) == 1

    partner = quoting.headers("partner", account=stranger)
    await quoting.get("/v1/rate-cards", partner, workshop_id=workshop_id)


async def test_a_rate_holds_from_its_first_moment_to_just_before_its_last(
    quoting: QuoteDesk,
) -> None:
    turn = quoting.clock.now() + timedelta(days=1)
    moment = turn.isoformat().replace("+00:00", "Z")
    await quoting.put(
        "/v1/rate-cards/polish", card(rate(50, valid_until=moment), rate(60, valid_from=moment))
    )
    assert await price(quoting, "polish") == 50

    async def at(when: datetime) -> list[int]:
        found = await quoting.get("/v1/rate-cards", at=when.isoformat().replace("+00:00", "Z"))
        polish = [each for each in found["data"] if each["service"] == "polish"]
        return [each["unit_price"]["amount"] // 100 for each in polish]

    assert await at(turn - timedelta(microseconds=1)) == [50]
    assert await at(turn) == [60]
    quoting.clock.advance(timedelta(days=1))
    assert await price(quoting, "polish") == 60


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({}, {}),
        ({"valid_until": "2027-01-02T00:00:00Z"}, {"valid_from": "2027-01-01T00:00:00Z"}),
        ({"valid_from": "2027-01-01T00:00:00Z"}, {}),
        (
            {"valid_from": "2027-01-01T00:00:00Z", "valid_until": "2027-03-01T00:00:00Z"},
            {"valid_from": "2027-01-01T00:00:00Z", "valid_until": "2027-02-01T00:00:00Z"},
        ),
    ],
)
async def test_two_rates_at_one_time_are_refused(
    quoting: QuoteDesk, one: dict[str, str], other: dict[str, str]
) -> None:
    body = card(rate(1, **one), rate(1, vehicle_class="van"), rate(2, **other))
    path = "/v1/rate-cards/overlap"
    answer = await quoting.client.put(path, json=body, headers=quoting.operator)
    assert answer.status_code == 422
    [error] = answer.json()["errors"]
    assert error["code"] == "overlapping-rates"
    assert {error["pointer"], error["message"].split(":")[0].split()[-1]} == {
        "/rates/0",
        "/rates/2",
    }
    assert (await quoting.client.get(path, headers=quoting.operator)).status_code == 404


async def test_the_database_itself_keeps_two_rates_apart(quoting: QuoteDesk) -> None:
    made = await quoting.put("/v1/rate-cards/apart", card(rate(1)))
    copy = """
    INSERT INTO rates (card_id, version, line, vehicle_class, labour_hours, hourly_rate, parts,
                       sublet, fees, discount, tax_rate, own_tax, by_person, valid_from)
    SELECT card_id, version, 1, vehicle_class, labour_hours, hourly_rate, parts, sublet, fees,
           discount, tax_rate, own_tax, by_person, now()
    FROM rates WHERE card_id = :card
    """
    with pytest.raises(IntegrityError, match="one_rate_at_a_time"):
        await quoting.rows(copy, card=made["id"])


async def test_every_version_can_be_read_and_what_it_priced_then(quoting: QuoteDesk) -> None:
    path = "/v1/rate-cards/history-of-it"
    before = quoting.clock.now()
    for dollars in (10, 20, 30):
        quoting.clock.advance(timedelta(hours=1))
        await quoting.put(path, card(rate(dollars)))

    pages = [await quoting.get(f"{path}/history", limit="2")]
    pages.append(await quoting.get(f"{path}/history", limit="2", cursor=pages[0]["next_cursor"]))
    versions = [version for page in pages for version in page["data"]]
    assert pages[1]["next_cursor"] is None
    assert [version["version"] for version in versions] == [3, 2, 1]
    assert [each["data"][0]["unit_price"]["amount"] for each in versions] == [3000, 2000, 1000]
    assert all(version["recorded_by"] for version in versions)

    then = []
    for hours in (0, 1, 2, 3):
        moment = (before + timedelta(hours=hours, minutes=30)).isoformat().replace("+00:00", "Z")
        found = await quoting.get("/v1/rate-cards", at=moment)
        then += [
            each["unit_price"]["amount"]
            for each in found["data"]
            if each["service"] == "history-of-it"
        ]
    assert then == [1000, 2000, 3000]


@pytest.mark.seed(1, 4)
async def test_tax_is_that_of_the_workshops_country(quoting: QuoteDesk) -> None:
    at_home, abroad, nowhere = [
        await quoting.workshop(new_id("par"), country) for country in ("AU", "NZ", "IS")
    ]
    await quoting.put("/v1/rate-cards/tint", card(rate(100)))
    await quoting.put("/v1/rate-cards/permit", card(rate(100, tax_rate="0", own_tax=True)))
    taxes = []
    for workshop_id in (at_home, abroad, nowhere):
        quote = await quoting.quote("tint", "permit", workshop_id=workshop_id)
        taxes.append([line["tax"]["amount"] for line in quote["items"]])
    assert taxes == [[1000, 0], [1500, 0], [1000, 0]]


async def test_a_tax_that_changes_is_told_with_every_card(quoting: QuoteDesk) -> None:
    workshop_id = await quoting.workshop(new_id("par"), "FR")
    made = await quoting.put("/v1/rate-cards/vinyl", card(rate(100)))
    tax = {"tax_rate": "0.20", "rounding": "half-even"}
    await quoting.put("/v1/taxes/FR", {"taxes": [tax]})
    [line] = (await quoting.quote("vinyl", workshop_id=workshop_id))["items"]
    assert line["tax"]["amount"] == 2000

    async def told() -> bool:
        last = (await quoting.told(made["id"]))[-1]
        event = RateCardV1.model_validate(last.data)
        known = [
            (str(each.tax_rate), each.rounding) for each in event.taxes if each.country == "FR"
        ]
        return (last.sequence, known) == (2, [("0.20", "half-even")])

    assert await eventually(told)
    both = {"taxes": [tax, tax]}
    answer = await quoting.client.put("/v1/taxes/FR", json=both, headers=quoting.operator)
    assert [each["code"] for each in answer.json()["errors"]] == ["overlapping-taxes"]
