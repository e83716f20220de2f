"""Taxes by region: each by its name, in the quote, its explanation, its page, the rate cards."""

from __future__ import annotations

from typing import Any

import pytest

from infra.quoting import LEAK, QuoteDesk, aud, offer
from shared.ids import new_id

RATE = {"labour_hours": "1", "hourly_rate": aud(1010), "tax_rate": "0.10"}
CARD = {"title": "Towing", "rates": [RATE]}


def apart(shares: list[dict[str, Any]]) -> list[tuple[str, str | None, str | None, int]]:
    """List what each tax comes to."""
    names = "name", "tax_rate", "jurisdiction"
    return [(*(share[name] for name in names), share["amount"]["amount"]) for share in shares]


@pytest.mark.seed(1, 4)
async def test_a_region_with_two_taxes_has_both_on_each_line(quoting: QuoteDesk) -> None:
    """5% of 10.10 is 0.505, 9.975% is 1.007: rounded apart they are a cent more than together."""
    await quoting.put("/v1/rate-cards/towing", CARD)
    await quoting.put("/v1/rate-cards/permit", CARD | {"rates": [RATE | {"own_tax": True}]})
    workshop_id = await quoting.workshop(new_id("par"), "CA", "CA-QC")
    quote = await quoting.quote("towing", "permit", workshop_id=workshop_id)
    towing, permit = quote["items"]
    assert apart(towing["taxes"]) == [
        ("GST", "0.05", "CA-QC", 51),
        ("QST", "0.09975", "CA-QC", 101),
    ]
    assert (towing["tax"]["amount"], towing["total"]["amount"]) == (152, 1162)
    assert [step["text"] for step in towing["how"] if step["step"] == "tax"] == [
        "GST 5% (CA-QC) of 10.10 = 0.51, rounded half-up",
        "QST 9.975% (CA-QC) of 10.10 = 1.01, rounded half-up",
    ]
    assert apart(permit["taxes"]) == [("Tax", "0.10", None, 101)]
    assert [amount for *_, amount in apart(quote["taxes"])] == [51, 101, 101]
    assert quote["tax"]["amount"] == 253
    assert await quoting.read(quote["id"]) == quote

    page = await quoting.client.get(f"/v1/quotes/{quote['id']}.html", headers=quoting.operator)
    for tax, amount in (("GST 5%", "0.51"), ("QST 9.975%", "1.01"), ("Tax 10%", "1.01")):
        row = f'<th scope="row" colspan="4">{tax}</th><td>AUD\N{NO-BREAK SPACE}{amount}</td>'
        assert row in page.text


@pytest.mark.seed(4)
@pytest.mark.parametrize(
    ("country", "region", "taxes"),
    [
        ("CA", "CA-ON", [("HST", "0.13", "CA-ON", 131)]),
        ("CA", "CA-AB", [("GST", "0.05", "CA", 51)]),  # none of its own: its country's
        ("CA", None, [("GST", "0.05", "CA", 51)]),
        ("AU", "AU-NSW", [("GST", "0.10", "AU", 101)]),
        ("US", "US-CA", [("Tax", "0.10", None, 101)]),  # nobody has set any: the rate's own
    ],
)
async def test_a_region_without_taxes_has_its_countrys(
    quoting: QuoteDesk, country: str, region: str | None, taxes: list[Any]
) -> None:
    await quoting.put("/v1/rate-cards/towing", CARD)
    workshop_id = await quoting.workshop(new_id("par"), country, region)
    quote = await quoting.quote("towing", workshop_id=workshop_id)
    assert apart(quote["taxes"]) == taxes


async def test_a_regions_taxes_are_set_shown_and_told(quoting: QuoteDesk) -> None:
    made = await quoting.put("/v1/rate-cards/towing", CARD)
    workshop_id = await quoting.workshop(new_id("par"), "US", "US-OR")
    state, county = {"name": "State", "tax_rate": "0"}, {"name": "County", "tax_rate": "0.00125"}
    body = {"taxes": [state, county | {"rounding": "up"}]}
    shown = await quoting.put("/v1/taxes/US-OR", body)
    assert {(tax["country"], tax["region"]) for tax in shown["data"]} == {("US", "US-OR")}
    listed = (await quoting.get("/v1/taxes"))["data"]
    assert [tax for tax in listed if tax["region"] == "US-OR"] == shown["data"]

    rates = (await quoting.get("/v1/rate-cards", workshop_id=workshop_id))["data"]
    [rate] = [each for each in rates if each["service"] == "towing"]
    assert [(tax["name"], tax["tax_rate"]) for tax in rate["taxes"]] == [
        ("State", "0"),
        ("County", "0.00125"),
    ]
    assert (rate["tax_rate"], rate["tax_country"]) == ("0.00125", "US")
    quote = await quoting.quote("towing", workshop_id=workshop_id)
    assert [amount for *_, amount in apart(quote["taxes"])] == [0, 2]

    other = await quoting.put("/v1/rate-cards/towing", CARD | {"title": "Tow"})
    told = (await quoting.told(made["id"]))[-1].data
    assert other["id"] == made["id"]
    regional = [tax for tax in told["region_taxes"] if tax["region"] == "US-OR"]
    assert [(tax["name"], tax["rounding"]) for tax in regional] == [
        ("State", "half-up"),
        ("County", "up"),
    ]


async def test_one_name_at_one_time_and_a_jurisdiction_that_can_be(quoting: QuoteDesk) -> None:
    async def refused(jurisdiction: str, *names: str) -> list[tuple[str, str]]:
        body = {"taxes": [{"name": name, "tax_rate": "0.1"} for name in names]}
        path = f"/v1/taxes/{jurisdiction}"
        answer = await quoting.client.put(path, json=body, headers=quoting.operator)
        return [(each["pointer"], each["code"]) for each in answer.json().get("errors", [])]

    assert await refused("IN-MH", "CGST", "SGST") == []
    assert await refused("IN-MH", "CGST", "CGST") == [("/taxes/1", "overlapping-taxes")]
    assert [code for _, code in await refused("Quebec", "QST")] == ["string-pattern-mismatch"]


@pytest.mark.seed(4, 58)
async def test_a_price_by_hand_has_the_regions_taxes_unless_it_says_its_own(
    quoting: QuoteDesk,
) -> None:
    mechanic = new_id("par")
    place = await quoting.workshop(mechanic, "CA", "CA-QC")
    asked = await quoting.ask(quoting.partner(), LEAK, LEAK, workshop_id=place)
    by_region, own = (offer(item_id=item["id"]) for item in asked["items"])
    del by_region["tax_rate"]
    path = f"/v1/quotes/{asked['id']}"
    workshop = quoting.mechanic(mechanic)
    priced = await quoting.post(f"{path}/price", {"items": [by_region, own]}, workshop)
    first, second = priced["items"]
    net = first["price"]["amount"]
    assert [(name, rate) for name, rate, *_ in apart(first["taxes"])] == [
        ("GST", "0.05"),
        ("QST", "0.09975"),
    ]
    assert first["tax"]["amount"] == round(net * 0.05) + round(net * 0.09975)
    assert [each["name"] for each in second["taxes"]] == ["Tax"]

    del by_region["item_id"]
    again = {"item_id": first["id"], "price": by_region}
    kept = {"item_id": second["id"]}
    revised = await quoting.post(f"{path}/revise", {"items": [again, kept]}, workshop)
    assert revised["items"][0]["taxes"] == first["taxes"]


async def test_a_price_by_hand_says_its_tax_where_none_is_set(quoting: QuoteDesk) -> None:
    mechanic = new_id("par")
    place = await quoting.workshop(mechanic, "US", "US-CA")
    asked = await quoting.ask(quoting.partner(), LEAK, workshop_id=place)
    price = offer(item_id=asked["items"][0]["id"])
    del price["tax_rate"]
    answer = await quoting.client.post(
        f"/v1/quotes/{asked['id']}/price",
        json={"items": [price]},
        headers=quoting.mechanic(mechanic),
    )
    assert answer.status_code == 422
    assert [(each["pointer"], each["code"]) for each in answer.json()["errors"]] == [
        ("/items/0/tax_rate", "missing")
    ]
