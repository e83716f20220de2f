"""How a line's price came about: shown, told, and true when the card has changed."""

from __future__ import annotations

import pytest

from infra.quoting import LEAK, QuoteDesk, aud, offer
from services.quote.outgoing.steps import TIMES
from shared.contracts import QuoteV1
from shared.ids import new_id

RATE = {
    "labour_hours": "4",
    "hourly_rate": aud(14500),
    "parts": aud(3500),
    "discount": aud(500),
    "tax_rate": "0.10",
}
STEPS = [
    f"Labour 4.00 h {TIMES} 145.00 = 580.00, {TIMES} 2 = 1160.00",
    f"Parts 35.00 {TIMES} 2 = 70.00",
    f"Discount -5.00 {TIMES} 2 = -10.00",
    "GST 15% (NZ) of 1220.00 = 183.00",
]


@pytest.mark.seed(1, 4)
async def test_a_line_says_how_it_was_priced_after_the_card_changed(quoting: QuoteDesk) -> None:
    workshop_id = await quoting.workshop(new_id("par"), "NZ")
    card = {"title": "Full detail", "rates": [RATE]}
    made = await quoting.put("/v1/rate-cards/valet", card)
    items = [{"service": "valet", "quantity": 2}]
    quote = await quoting.quote(items=items, workshop_id=workshop_id)

    doubled = RATE | {"hourly_rate": aud(29000)}
    await quoting.put("/v1/rate-cards/valet", card | {"rates": [doubled]})
    await quoting.put("/v1/taxes/NZ", {"taxes": []})

    path = f"/v1/quotes/{quote['id']}"
    [line] = (await quoting.get(path))["items"]
    assert [step["text"] for step in line["how"]] == STEPS
    assert sum(step["amount"]["amount"] for step in line["how"]) == line["total"]["amount"]
    assert (line["rate_card_id"], line["rate_card_version"]) == (made["id"], 1)
    assert quote["items"] == [line]

    [told] = await quoting.told(quote["id"])
    [published] = QuoteV1.model_validate(told.data).items
    assert published.model_dump(mode="json") == line


async def test_a_persons_price_is_explained_as_well(quoting: QuoteDesk) -> None:
    quote = await quoting.quote(items=[LEAK])
    assert quote["items"][0]["how"] is None
    path = f"/v1/quotes/{quote['id']}/price"
    offers = [{"item_id": quote["items"][0]["id"], **offer()}]
    answer = await quoting.client.post(path, json={"items": offers}, headers=quoting.operator)
    assert answer.status_code == 200, answer.text
    [line] = answer.json()["items"]
    assert [step["text"] for step in line["how"]] == [
        f"Labour 2.50 h {TIMES} 120.00 = 300.00",
        "Parts 80.00",
        "Fees 10.00",
        "Tax 10% of 390.00 = 39.00",
    ]
    assert line["rate_card_id"] is None
