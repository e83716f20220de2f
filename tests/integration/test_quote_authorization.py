"""Lines of a quote, authorised and declined: by whom, how, when, and what is then to be paid."""

from __future__ import annotations

from typing import Any

import pytest

from infra.quoting import QuoteDesk, aud
from shared.ids import new_id

Json = dict[str, Any]
THREE = ({"service": "wash"}, {"service": "paint"}, {"service": "glass"})


async def decide(
    quoting: QuoteDesk, headers: dict[str, str], quote: Json, number: int, word: str, **more: Any
) -> tuple[int, Json]:
    path = f"/v1/quotes/{quote['id']}/items/{quote['items'][number]['id']}"
    body = {"authorization": word} | more
    answer = await quoting.client.patch(path, json=body, headers=headers)
    return answer.status_code, answer.json()


@pytest.mark.seed(71)
async def test_each_line_is_decided_and_whose_word_it_was_is_kept(quoting: QuoteDesk) -> None:
    account, mechanic = new_id("par"), new_id("par")
    place = await quoting.workshop(mechanic)
    partner = quoting.partner(account)
    quote = await quoting.ask(partner, *THREE, workshop_id=place)
    assert {line["authorization"] for line in quote["items"]} == {"open"}

    by_hand = {"authorized_by": {"name": "Dana Reyes"}}
    assert (await decide(quoting, partner, quote, 0, "authorized", **by_hand))[0] == 200
    phone = {"authorized_by": {"name": "Sam Ito", "how": "phone"}}
    workshop = quoting.mechanic(mechanic)
    status, shown = await decide(quoting, workshop, quote, 1, "declined", **phone)
    assert status == 200

    wash, paint, glass = shown["items"]
    assert wash["authorized_by"]["client_id"].startswith("cli_")
    words = [(line["authorization"], line["authorized_by"]) for line in (wash, paint)]
    said = [(word, by["name"], by["how"], by["role"]) for word, by in words]
    assert said == [
        ("authorized", "Dana Reyes", "api", "partner"),
        ("declined", "Sam Ito", "phone", "workshop"),
    ]
    assert (glass["authorization"], glass["authorized_by"]) == ("open", None)
    assert shown["authorized_total"] == wash["total"]
    due = wash["total"]["amount"] + glass["total"]["amount"]
    assert shown["total"]["amount"] == due
    assert shown["subtotal"]["amount"] + shown["tax"]["amount"] == due
    assert await quoting.read(quote["id"]) == shown
    assert await quoting.happened(quote["id"]) == [
        ("quote.created", 1),
        ("quote.updated", 2),
        ("quote.updated", 3),
    ]


async def test_a_decision_stands_and_the_same_again_changes_nothing(quoting: QuoteDesk) -> None:
    partner = quoting.partner()
    quote = await quoting.ask(partner, *THREE)
    first = await decide(quoting, partner, quote, 0, "declined")
    assert await decide(quoting, partner, quote, 0, "declined") == first
    status, refused = await decide(quoting, partner, quote, 0, "authorized")
    assert (status, refused["code"], refused["allowed"]) == (409, "line-decided", [])
    assert len(await quoting.happened(quote["id"])) == 2


async def test_a_quote_of_which_no_line_is_left_is_declined(quoting: QuoteDesk) -> None:
    partner = quoting.partner()
    quote = await quoting.ask(partner, *THREE[:2])
    await decide(quoting, partner, quote, 0, "declined")
    status, shown = await decide(quoting, partner, quote, 1, "declined")
    assert (status, shown["status"], shown["total"]) == (200, "declined", aud(0))
    assert (await quoting.happened(quote["id"]))[-1] == ("quote.declined", 3)


@pytest.mark.seed(71)
async def test_a_workshop_says_whose_word_it_records(quoting: QuoteDesk) -> None:
    mechanic = new_id("par")
    place = await quoting.workshop(mechanic)
    quote = await quoting.ask(quoting.partner(), *THREE, workshop_id=place)
    for said in ({}, {"name": "Sam Ito"}, {"name": "Sam Ito", "how": "api"}, {"how": "phone"}):
        status, refused = await decide(
            quoting, quoting.mechanic(mechanic), quote, 0, "authorized", authorized_by=said
        )
        [error] = refused["errors"]
        assert (status, error["pointer"], error["code"]) == (422, "/authorized_by", "missing")


@pytest.mark.seed(33)
async def test_a_line_is_its_quotes_and_its_partners(quoting: QuoteDesk) -> None:
    partner = quoting.partner()
    quote, other = [await quoting.ask(partner, *THREE) for _ in range(2)]
    mixed = quote | {"items": other["items"]}
    assert (await decide(quoting, partner, mixed, 0, "declined"))[0] == 404
    assert (await decide(quoting, quoting.partner(), quote, 0, "declined"))[0] == 404


@pytest.mark.seed(71)
async def test_what_is_within_the_sum_agreed_on_before_is_authorised_by_itself(
    quoting: QuoteDesk,
) -> None:
    partner = quoting.partner()
    total = (await quoting.ask(partner, *THREE))["total"]
    within = await quoting.ask(partner, *THREE, pre_authorized=total)
    beyond = await quoting.ask(partner, *THREE, pre_authorized=aud(total["amount"] - 1))
    assert {line["authorized_by"]["how"] for line in within["items"]} == {"pre-authorized"}
    assert within["authorized_total"] == within["total"]
    assert {line["authorization"] for line in beyond["items"]} == {"open"}
    assert beyond["authorized_total"] == aud(0)
