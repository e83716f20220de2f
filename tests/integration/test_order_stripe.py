"""Stripe takes the money: by its real SDK, against a Stripe of our own at the socket."""

from __future__ import annotations

import re
from typing import Any

import pytest

from infra.bills import credited, final_invoice, pay
from infra.orders import OrderDesk
from infra.stripe import StripeSocket
from infra.stripe_desk import ASKS_THE_PAYER, PAID, VISA
from infra.waiting import eventually
from shared.contracts.common import Amount
from shared.ids import new_id

DECLINES_WHEN_CHARGED = "4000000000000341"


@pytest.fixture(scope="module")
def desk(stripe_desk: OrderDesk) -> OrderDesk:
    return stripe_desk


@pytest.fixture
def account() -> str:
    return new_id("par")


@pytest.mark.seed(7)
async def test_a_card_pays_for_an_order(
    desk: OrderDesk, stripe: StripeSocket, account: str
) -> None:
    held = await stripe.money()
    order = await desk.ordered(account, card=VISA)
    assert (order["status"], order["payment"]["status"]) == ("pending", "succeeded")
    assert await desk.events(order) == PAID
    assert await stripe.money() - held == 44000
    invoice = await final_invoice(desk, account, 10000)
    assert (await pay(desk, account, invoice, VISA)).json()["status"] == "paid"
    assert await stripe.money() - held == 55000
    await credited(desk, invoice)

    async def gone_back() -> bool:
        return await stripe.money() - held == 44000

    await eventually(gone_back)


def costing(desk: OrderDesk, minor: int, currency: str = "MGA") -> dict[str, Any]:
    """Say that a quote costs so much, without any tax."""
    amount, nothing = (Amount(amount=each, currency=currency) for each in (minor, 0))
    [line] = desk.new_quote("par_1").items
    line = line.model_copy(update={"price": amount, "tax": nothing, "total": amount})
    return {"currency": currency, "items": (line,), "total": amount}


@pytest.mark.seed(7)
async def test_what_costs_nothing_is_ordered_without_asking_stripe(
    desk: OrderDesk, stripe: StripeSocket, account: str
) -> None:
    """Stripe takes no charge of 0.00, so that such a quote could never be ordered."""
    known = await stripe.call("GET", "/v1/payment_intents")
    order = await desk.ordered(account, card=VISA, **costing(desk, 0, "AUD"))
    assert (order["status"], order["payment"]["status"], order["paid"]) == (
        "pending",
        "succeeded",
        True,
    )
    assert await stripe.call("GET", "/v1/payment_intents") == known


@pytest.mark.seed(7)
async def test_what_stripe_counts_otherwise_is_charged_as_it_counts_it(
    desk: OrderDesk, stripe: StripeSocket, account: str
) -> None:
    """Ariary have a hundredth in ISO 4217, and none for Stripe: it took a hundred times as much."""
    held = await stripe.money()

    order = await desk.ordered(account, card=VISA, **costing(desk, 4_400_000))
    assert (order["total"]["amount"], await stripe.money() - held) == (4_400_000, 44_000)
    quote = await desk.quote(account, **costing(desk, 4_400_050))
    refused = await desk.buy(desk.partner(account), quote.id, VISA)
    assert (refused.status_code, refused.json()["code"]) == (402, "amount-too-precise")


@pytest.mark.seed(8)
async def test_a_declined_card_makes_no_order_and_another_may_pay(
    desk: OrderDesk, stripe: StripeSocket, account: str
) -> None:
    quote = await desk.quote(account)
    declined = await desk.buy(
        desk.partner(account), quote.id, await stripe.card(DECLINES_WHEN_CHARGED)
    )
    assert (declined.status_code, declined.json()["code"]) == (402, "card-declined")
    order = (await desk.buy(desk.partner(account), quote.id, VISA)).json()
    assert [each["status"] for each in order["payments"]] == ["failed", "succeeded"]


async def test_a_token_that_stripe_never_gave_is_refused(desk: OrderDesk, account: str) -> None:
    quote = await desk.quote(account)
    answer = await desk.buy(desk.partner(account), quote.id, "pm_unknown")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/payment/token"


@pytest.mark.seed(7, 8)
@pytest.mark.parametrize("step", ["/v1/payment_intents", "/confirm"])
async def test_an_answer_that_is_lost_is_no_second_charge(
    desk: OrderDesk, stripe: StripeSocket, account: str, step: str
) -> None:
    held = await stripe.money()
    quote = await desk.quote(account)
    stripe.loses_answer_of.add(step)
    answer = await desk.buy(desk.partner(account), quote.id, VISA)
    order = await desk.became(answer.json()["id"], "pending")
    assert await desk.events(order) == PAID
    assert await stripe.money() - held == 44000


@pytest.mark.seed(8)
async def test_stripe_forgets_its_keys_and_still_charges_once(
    desk: OrderDesk, stripe: StripeSocket, account: str
) -> None:
    held = await stripe.money()
    quote = await desk.quote(account)
    answer = await desk.buy(desk.partner(account), quote.id, await stripe.card(ASKS_THE_PAYER))
    assert answer.status_code == 202
    action = answer.json()["payment"]["next_action"]
    assert action == {"type": "redirect", "url": "https://bank.example/"}
    stripe.forget_keys()
    [intent] = [
        each
        for each in (await stripe.call("GET", "/v1/payment_intents?limit=100"))["data"]
        if each["metadata"].get("payment") == answer.json()["payment"]["id"]
    ]
    path = f"/v1/payment_intents/{intent['id']}/_authenticate"
    await stripe.call("POST", path, client_secret=intent["client_secret"], success="true")
    back = await desk.client.get(f"/checkout/back/{answer.json()['payment']['id']}")
    assert (back.status_code, back.headers["Location"]) == (303, f"/checkout/{quote.id}")
    order = await desk.became(answer.json()["id"], "pending")
    assert await desk.events(order) == PAID
    assert await stripe.money() - held == 44000


@pytest.mark.seed(21)
async def test_a_canceled_order_is_refunded_once_though_the_answer_is_lost(
    desk: OrderDesk, stripe: StripeSocket, account: str
) -> None:
    held = await stripe.money()
    order = await desk.ordered(account, card=VISA)
    stripe.loses_answer_of.add("/v1/refunds")
    path = f"/v1/orders/{order['id']}/cancel"
    answer = await desk.client.post(path, json={"reason": "sold"}, headers=desk.partner(account))
    assert answer.status_code == 200
    await eventually(lambda: _refunded(desk, order["id"]))
    assert await stripe.money() == held


async def test_while_stripe_is_down_nothing_is_begun(
    desk: OrderDesk, stripe: StripeSocket, account: str
) -> None:
    quote = await desk.quote(account)
    stripe.is_down = True
    answer = await desk.buy(desk.partner(account), quote.id, VISA)
    stripe.is_down = False
    assert (answer.status_code, answer.json()["code"]) == (503, "provider-unavailable")
    assert "sk_test" not in answer.text
    assert (await desk.buy(desk.partner(account), quote.id, VISA)).status_code == 201


@pytest.mark.seed(5, 7, 21)
async def test_a_payer_without_a_token_pays_on_stripes_page_and_is_refunded(
    desk: OrderDesk, stripe: StripeSocket, account: str
) -> None:
    held = await stripe.money()
    quote = await desk.quote(account)
    page = await desk.client.get(f"/checkout/{quote.id}")
    assert 'value="hosted"' in page.text
    form = {"card": "hosted", "attempt": "att_1"}
    await desk.client.post(f"/checkout/{quote.id}", data=form)
    page = await desk.client.get(f"/checkout/{quote.id}")
    [page_id] = re.findall(r"https://checkout.stripe.example/(cs_\d+)", page.text)
    await stripe.pay_on_page(page_id)
    payment = await desk.scalar(
        "SELECT p.id FROM payments p JOIN orders o ON o.id = order_id WHERE quote_id = :q",
        q=quote.id,
    )
    await desk.client.get(f"/checkout/back/{payment}")
    order_id = await desk.scalar("SELECT id FROM orders WHERE quote_id = :q", q=quote.id)
    order = await desk.became(order_id, "pending")
    assert await stripe.money() - held == 44000
    path = f"/v1/orders/{order['id']}/cancel"
    await desk.client.post(path, json={"reason": "sold"}, headers=desk.partner(account))
    await eventually(lambda: _refunded(desk, order_id))
    assert await stripe.money() == held


async def test_a_payer_who_never_pays_is_given_up(
    desk: OrderDesk, stripe: StripeSocket, account: str
) -> None:
    quote = await desk.quote(account)
    answer = await desk.buy(desk.partner(account), quote.id, "hosted")
    assert answer.json()["payment"]["next_action"]["type"] == "hosted-page"
    again = await desk.buy(desk.partner(account), quote.id, VISA)
    assert again.status_code == 201
    [abandoned, paid] = again.json()["payments"]
    assert (abandoned["failure_code"], paid["status"]) == ("payment-abandoned", "succeeded")
    url = answer.json()["payment"]["next_action"]["url"]
    assert stripe.pages[url.rpartition("/")[2]]["status"] == "expired"


async def _refunded(desk: OrderDesk, order_id: str) -> bool:
    return bool((await desk.read(order_id))["payments"][0]["status"] == "refunded")
