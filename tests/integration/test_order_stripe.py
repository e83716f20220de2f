"""Stripe takes the money: by its real SDK, against a Stripe of our own at the socket."""

from __future__ import annotations

import re
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import text

from infra.access import SigningKeys
from infra.bills import credited, final_invoice, pay
from infra.databases import MakeDatabase
from infra.orders import OrderDesk
from infra.running import bus_settings, running
from infra.servers import INFRA
from infra.stripe import StripeSocket, signed, stripe_socket
from infra.waiting import eventually
from roadworthy.embedded.ports import bind
from roadworthy.server import serving
from services.order.main import build
from services.order.settings import OrderSettings
from shared.contracts.common import Amount
from shared.ids import new_id
from shared.shift import ShiftedClock

VISA = "pm_card_visa"
DECLINES_WHEN_CHARGED = "4000000000000341"
ASKS_THE_PAYER = "4000002500003155"
SECRET = "whsec_ours_and_stripes"
PAID = [("payment.succeeded", 1), ("service.created", 1)]


@pytest_asyncio.fixture(scope="module")
async def stripe() -> AsyncIterator[StripeSocket]:
    async with stripe_socket() as socket:
        yield socket


@pytest_asyncio.fixture(scope="module")
async def desk(
    stripe: StripeSocket,
    module_database: MakeDatabase,
    kafka_bootstrap: str,
    topic_prefix: str,
    keys: SigningKeys,
) -> AsyncIterator[OrderDesk]:
    settings = OrderSettings(
        database_url=await module_database("order"),
        payment_provider="stripe",
        stripe_secret_key="sk_test_ours",
        stripe_webhook_secret=SECRET,
        stripe_url=stripe.url,
        payment_first_look_seconds=0.3,
        **bus_settings(kafka_bootstrap, topic_prefix, embedded=INFRA == "embedded"),
    )
    clock = ShiftedClock()
    service = build(settings, clock=clock, keys=keys)
    async with running(service) as client:
        yield OrderDesk(service, settings, client, clock, keys)


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


@pytest.mark.seed(7, 8)
async def test_stripes_own_notices_race_with_the_answer_and_repeat(
    desk: OrderDesk, stripe: StripeSocket, account: str
) -> None:
    bound = bind("127.0.0.1", 0)
    url = f"http://127.0.0.1:{bound.getsockname()[1]}/v1/payment-notices/stripe"
    held = await stripe.money()
    async with serving(desk.service.app, bound):
        await stripe.send_notices_to(url, SECRET)
        order = await desk.ordered(account, card=VISA)
        notice = signed(SECRET, order["payment"]["id"])
        for _ in range(3):
            assert (await _tell(desk, *notice)).status_code == 204
        await eventually(lambda: _has_told(desk, 4))
    assert await desk.events(await desk.read(order["id"])) == PAID
    assert await stripe.money() - held == 44000


async def test_a_notice_makes_a_payment_be_looked_at_but_is_not_believed(
    desk: OrderDesk, stripe: StripeSocket, account: str
) -> None:
    quote = await desk.quote(account)
    answer = await desk.buy(desk.partner(account), quote.id, await stripe.card(ASKS_THE_PAYER))
    payment = answer.json()["payment"]["id"]
    calls = len(stripe.asked)
    assert (await _tell(desk, *signed(SECRET, payment))).status_code == 204
    await eventually(lambda: len(stripe.asked) > calls)
    assert (await desk.read(answer.json()["id"]))["status"] == "awaiting-payment"


async def test_an_intent_that_stripe_does_not_find_is_no_failure(
    desk: OrderDesk, stripe: StripeSocket, account: str
) -> None:
    """As with the key of another account: nobody knows by that what became of the money."""
    quote = await desk.quote(account)
    answer = await desk.buy(desk.partner(account), quote.id, await stripe.card(ASKS_THE_PAYER))
    payment = answer.json()["payment"]["id"]
    async with desk.service.engine.begin() as connection:
        lost = text("UPDATE stripe_intents SET stripe_id = 'pi_elsewhere' WHERE key = :key")
        await connection.execute(lost, {"key": payment})
    calls = len(stripe.asked)
    assert (await _tell(desk, *signed(SECRET, payment))).status_code == 204
    asked = "GET /v1/payment_intents/pi_elsewhere"
    await eventually(lambda: stripe.asked[calls:].count(asked) >= 2)  # once more after the first
    [seen] = (await desk.read(answer.json()["id"]))["payments"]
    assert seen["status"] == "processing"


async def test_a_notice_that_is_forged_or_old_is_refused(desk: OrderDesk) -> None:
    body, signature = signed(SECRET, "pay_x")
    forged = await _tell(desk, body.replace(b"pay_x", b"pay_y"), signature)
    old = await _tell(desk, *signed(SECRET, "pay_x", at=time.time() - 301))
    stranger = await _tell(desk, *signed("whsec_other", "pay_x"))
    for answer in (forged, old, stranger):
        assert (answer.status_code, answer.json()["code"]) == (400, "bad-signature")
    assert (await _tell(desk, *signed(SECRET, "pay_unknown"))).status_code == 204


async def _refunded(desk: OrderDesk, order_id: str) -> bool:
    return bool((await desk.read(order_id))["payments"][0]["status"] == "refunded")


async def _has_told(desk: OrderDesk, times: int) -> bool:
    """See that Stripe's own notice came as well, which it sends a second later."""
    metrics = (await desk.client.get("/metrics")).text
    counted = r'seconds_count\{route="/v1/payment-notices/stripe",service="order"\} (\d+)'
    return int(re.findall(counted, metrics)[0]) >= times


async def _tell(desk: OrderDesk, body: bytes, signature: str) -> Any:
    return await desk.client.post(
        "/v1/payment-notices/stripe", content=body, headers={"Stripe-Signature": signature}
    )
