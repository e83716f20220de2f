from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from infra.quoting import QuoteDesk
from infra.running import read_topic
from infra.waiting import eventually
from services.quote.settings import QuoteSettings
from shared.contracts import RateCardV1
from shared.ids import new_id


def aud(amount: int) -> dict[str, Any]:
    return {"amount": amount, "currency": "AUD"}


RATE = {
    "labour_hours": "2.00",
    "hourly_rate": aud(12000),
    "parts": aud(5000),
    "sublet": aud(3000),
    "fees": aud(100),
    "discount": aud(1100),
    "tax_rate": "0.10",
}
CARD = {"title": "Wrapping", "rates": [RATE, RATE | {"vehicle_class": "van", "parts": aud(9000)}]}


async def test_the_card_that_ships_is_announced_without_being_asked(
    quoting: QuoteDesk, kafka_bootstrap: str, topic_prefix: str
) -> None:
    settings = QuoteSettings(
        database_url="postgresql://",
        kafka_bootstrap_servers=kafka_bootstrap,
        kafka_topic_prefix=topic_prefix,
    )
    shipped = {rate["service"] for rate in (await quoting.get("/v1/rate-cards"))["data"]}
    told = await read_topic(settings, "quote.events", len(shipped))
    cards = [RateCardV1.model_validate_json(each.data) for each in told]
    assert {card.service for card in cards} == shipped
    assert {each.type for each in told} == {"rate-card.updated"}
    assert {each.sequence for each in told} == {1}


@pytest.mark.seed(1, 4)
async def test_a_card_that_is_set_prices_quotes_and_is_told(quoting: QuoteDesk) -> None:
    card = await quoting.put("/v1/rate-cards/wrapping", CARD)
    unit = 24000 + 5000 + 3000 + 100 - 1100
    assert [rate["unit_price"]["amount"] for rate in card["data"]] == [unit, unit + 4000]
    assert await quoting.get("/v1/rate-cards/wrapping") == card

    [told] = await quoting.told(card["id"])
    event = RateCardV1.model_validate(told.data)
    assert (told.sequence, event.version, event.title) == (1, 1, "Wrapping")
    assert [rate.unit_price.amount for rate in event.rates if rate.unit_price] == [
        unit,
        unit + 4000,
    ]

    quote = await quoting.quote("wrapping")
    [line] = quote["items"]
    assert line["price"] == aud(unit)
    assert [line[part]["amount"] for part in ("labour", "sublet", "discount")] == [
        24000,
        3000,
        1100,
    ]
    van = await quoting.quote(
        "wrapping", vehicle={"vin": "1HGCM82633A004352", "vehicle_class": "van"}
    )
    assert van["items"][0]["price"] == aud(unit + 4000)


async def test_the_same_again_changes_nothing(quoting: QuoteDesk) -> None:
    first = await quoting.put("/v1/rate-cards/tinting", CARD)
    assert await quoting.put("/v1/rate-cards/tinting", CARD) == first
    other = await quoting.put("/v1/rate-cards/tinting", CARD | {"title": "Tinting"})
    assert (first["version"], other["version"], other["title"]) == (1, 2, "Tinting")
    assert [told.sequence for told in await quoting.told(first["id"])] == [1, 2]


@pytest.mark.seed(63)
@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"tax_rate": "1.1"}, "/rates/0/tax_rate", "less-than-equal"),
        ({"labour_hours": "-1"}, "/rates/0/labour_hours", "greater-than-equal"),
        ({"vehicle_class": "hovercraft"}, "/rates/0/vehicle_class", "enum"),
        ({"discount": aud(32_101)}, "/rates/0/discount", "discount-too-large"),
        ({"parts": {"amount": 1, "currency": "NZD"}}, "/rates/0/parts", "mixed-currencies"),
        (
            {"valid_from": "2027-01-01T00:00:00Z", "valid_until": "2026-01-01T00:00:00Z"},
            "/rates/0/valid_until",
            "ends-before-it-begins",
        ),
    ],
)
async def test_a_rate_that_cannot_be_is_refused_by_name(
    quoting: QuoteDesk, change: dict[str, Any], pointer: str, code: str
) -> None:
    body = {"title": "Wrapping", "rates": [RATE | change]}
    path = f"/v1/rate-cards/{new_id('svc').replace('_', '-')}"
    answer = await quoting.client.put(path, json=body, headers=quoting.operator)
    assert answer.status_code == 422
    assert [(each["pointer"], each["code"]) for each in answer.json()["errors"]] == [
        (pointer, code)
    ]
    assert (await quoting.client.get(path, headers=quoting.operator)).status_code == 404


async def test_what_was_told_long_ago_is_told_again_before_the_log_forgets_it(
    quoting: QuoteDesk,
) -> None:
    card = await quoting.put("/v1/rate-cards/plating", CARD)
    quoting.clock.advance(timedelta(days=20))
    quoting.service.parts["rate cards"].wake()  # type: ignore[attr-defined] - it is a worker

    async def again() -> bool:
        return [told.sequence for told in await quoting.told(card["id"])] == [1, 2]

    assert await eventually(again)


async def test_of_those_who_set_a_card_at_once_each_makes_a_version(quoting: QuoteDesk) -> None:
    path = "/v1/rate-cards/raced"
    bodies = [CARD | {"title": f"By {number}"} for number in range(8)]
    cards = await asyncio.gather(*(quoting.put(path, body) for body in bodies))
    assert sorted(card["version"] for card in cards) == list(range(1, 9))
    assert len({card["id"] for card in cards}) == 1
    told = await quoting.told(cards[0]["id"])
    assert [each.sequence for each in told] == list(range(1, 9))
    [last] = [card for card in cards if card["version"] == 8]
    assert await quoting.get(path) == last
