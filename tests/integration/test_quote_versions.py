"""Revised quotes: each version is kept as it was shown, and one is bought."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from infra import happenings
from infra.quoting import LEAK, VIN, QuoteDesk, aud, offer
from infra.waiting import eventually
from shared.ids import new_id

Json = dict[str, Any]


async def revise(
    quoting: QuoteDesk, headers: dict[str, str], quote: Json, *items: Json, **more: Any
) -> Json:
    path = f"/v1/quotes/{quote['id']}/revise"
    return await quoting.post(path, {"items": items} | more, headers)


def line(quote: Json, number: int, **changes: Any) -> Json:
    """Name a line that stands, by its place."""
    return {"item_id": quote["items"][number]["id"]} | changes


@pytest.mark.seed(1, 4)
async def test_a_revision_is_the_next_version_and_the_one_before_is_kept(
    quoting: QuoteDesk,
) -> None:
    partner = quoting.partner()
    first = await quoting.ask(partner, {"service": "wash", "notes": "gently"}, {"service": "paint"})
    quoting.clock.advance(timedelta(hours=1))
    second = await revise(
        quoting,
        partner,
        first,
        line(first, 0, quantity=3),
        {"service": "interior"},
        reason="smells",
    )

    assert (second["version"], second["reason"]) == (2, "smells")
    assert [item["service"] for item in second["items"]] == ["wash", "interior"]
    wash = second["items"][0]
    assert (wash["id"], wash["notes"]) == (first["items"][0]["id"], "gently")
    assert wash["price"]["amount"] == 3 * first["items"][0]["price"]["amount"]
    assert second["total"]["amount"] == sum(item["total"]["amount"] for item in second["items"])
    assert second["expires_at"] > first["expires_at"]
    assert await quoting.happened(first["id"]) == [("quote.created", 1), ("quote.revised", 2)]
    assert await quoting.read(first["id"]) == second

    versions = f"/v1/quotes/{first['id']}/versions"
    listed = (await quoting.get(versions, partner))["data"]
    assert [(each["version"], each["total"]) for each in listed] == [
        (2, second["total"]),
        (1, first["total"]),
    ]
    assert listed[0]["superseded_at"] is None
    assert (await quoting.get(f"{versions}/1", partner))["quote"] == first
    assert (await quoting.get(f"{versions}/2", partner))["quote"] == second
    answer = await quoting.client.get(f"{versions}/3", headers=partner)
    assert (answer.status_code, answer.json()["code"]) == (404, "not-found")


async def test_a_fault_found_later_has_the_quote_wait_again(quoting: QuoteDesk) -> None:
    partner, mechanic = quoting.partner(), quoting.mechanic()
    first = await quoting.ask(partner, {"service": "wash"})
    second = await revise(quoting, partner, first, line(first, 0), LEAK)
    assert (second["status"], second["total"]) == ("pending", None)
    third = await quoting.price(mechanic, second)
    assert (third["status"], third["version"]) == ("awaiting-payment", 2)


async def test_a_workshop_gives_its_price_with_the_revision(quoting: QuoteDesk) -> None:
    account = new_id("par")
    place = await quoting.workshop(account)
    partner, mechanic = quoting.partner(), quoting.mechanic(account)
    first = await quoting.ask(partner, {"service": "wash"}, LEAK, workshop_id=place)
    second = await revise(
        quoting,
        mechanic,
        first,
        line(first, 0),
        line(first, 1, price=offer(parts=aud(0), discount=aud(500), sublet=aud(700))),
    )
    # 2.5 h at 120.00, sublet 7.00 and fees 10.00, less 5.00
    assert second["items"][1]["price"] == aud(31200)
    assert (second["status"], second["version"]) == ("awaiting-payment", 2)

    path, body = f"/v1/quotes/{first['id']}/revise", {"items": [line(second, 1, price=offer())]}
    answer = await quoting.client.post(path, json=body, headers=partner)
    [error] = answer.json()["errors"]
    assert (error["pointer"], error["code"]) == ("/items/0/price", "not-yours-to-price")


async def test_what_a_person_offered_stays_but_is_not_the_partners_to_prolong(
    quoting: QuoteDesk,
) -> None:
    partner, mechanic = quoting.partner(), quoting.mechanic()
    priced = await quoting.price(mechanic, await quoting.ask(partner, LEAK, {"service": "wash"}))
    quoting.clock.advance(timedelta(days=1))
    kept = await revise(quoting, partner, priced, line(priced, 0, notes="soon"))
    assert kept["items"][0] == priced["items"][0] | {"notes": "soon"}
    assert kept["expires_at"] == priced["expires_at"]
    assert (await revise(quoting, mechanic, kept, line(kept, 0)))["expires_at"] > kept["expires_at"]
    more = await revise(quoting, partner, kept, line(kept, 0, quantity=2))
    assert (more["status"], more["items"][0]["total"]) == ("pending", None)


async def test_the_rate_of_today_is_that_of_a_revision(quoting: QuoteDesk) -> None:
    partner = quoting.partner()
    rate = {"labour_hours": "1", "hourly_rate": aud(10000), "tax_rate": "0"}
    path, service = "/v1/rate-cards/wrapping", {"service": "wrapping"}
    await quoting.put(path, {"title": "Wrapping", "rates": [rate]})
    first = await quoting.ask(partner, service)
    await quoting.put(path, {"title": "Wrapping", "rates": [rate | {"hourly_rate": aud(12000)}]})
    assert (await quoting.read(first["id"]))["total"] == aud(10000)
    assert (await revise(quoting, partner, first, line(first, 0)))["total"] == aud(12000)


@pytest.mark.parametrize(
    ("item", "pointer", "code"),
    [
        ({}, "/items/0/service", "missing"),
        ({"item_id": new_id("itm")}, "/items/0/item_id", "unknown-item"),
        ({"item_id": new_id("itm"), "service": "wash"}, "/items/0/service", "not-both"),
        ({"service": "teleport"}, "/items/0/service", "unknown-service"),
    ],
)
async def test_a_bad_line_is_refused_by_name(
    quoting: QuoteDesk, item: Json, pointer: str, code: str
) -> None:
    partner = quoting.partner()
    quote = await quoting.ask(partner)
    path = f"/v1/quotes/{quote['id']}/revise"
    answer = await quoting.client.post(path, json={"items": [item]}, headers=partner)
    errors = [(error["pointer"], error["code"]) for error in answer.json()["errors"]]
    assert errors == [(pointer, code)]
    assert (await quoting.read(quote["id"]))["version"] == 1


@pytest.mark.seed(8)
async def test_a_payment_that_was_under_way_buys_the_version_it_was_for(
    quoting: QuoteDesk,
) -> None:
    account = new_id("par")
    partner = quoting.partner(account)
    first = await quoting.ask(partner)
    await revise(quoting, partner, first, LEAK)
    bought = happenings.event(
        "service.created", partner_id=account, id=new_id("ord"), quote_id=first["id"]
    )
    await happenings.publish(quoting.service.kafka, bought)

    async def ordered() -> Json | None:
        quote = await quoting.read(first["id"])
        return quote if quote["status"] == "ordered" else None

    quote = await eventually(ordered)
    assert (quote["version"], quote["ordered_version"], quote["paid"]) == (2, 1, True)
    path = f"/v1/quotes/{first['id']}/revise"
    body = {"items": [{"service": "wash"}]}
    answer = await quoting.client.post(path, json=body, headers=partner)
    assert (answer.status_code, answer.json()["code"]) == (409, "transition-not-allowed")
    assert answer.json()["allowed"] == []


async def test_two_revisions_at_once_are_two_versions(quoting: QuoteDesk) -> None:
    partner = quoting.partner()
    quote = await quoting.ask(partner, vehicle={"vin": VIN})
    made = await asyncio.gather(
        *(revise(quoting, partner, quote, {"service": "wash"}) for _ in range(5))
    )
    assert sorted(each["version"] for each in made) == [2, 3, 4, 5, 6]
    assert [sequence for _, sequence in await quoting.happened(quote["id"])] == [1, 2, 3, 4, 5, 6]
