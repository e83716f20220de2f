"""Stripe tells of what became of a payment: it makes us look, and is believed nothing."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
from sqlalchemy import text

from infra.orders import OrderDesk
from infra.stripe import StripeSocket, signed
from infra.stripe_desk import ASKS_THE_PAYER, PAID, SECRET, VISA
from infra.waiting import eventually
from roadworthy.embedded.ports import bind
from roadworthy.server import serving
from shared.ids import new_id


@pytest.fixture(scope="module")
def desk(stripe_desk: OrderDesk) -> OrderDesk:
    return stripe_desk


@pytest.fixture
def account() -> str:
    return new_id("par")


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


async def _has_told(desk: OrderDesk, times: int) -> bool:
    """See that Stripe's own notice came as well, which it sends a second later."""
    metrics = (await desk.client.get("/metrics")).text
    counted = r'seconds_count\{route="/v1/payment-notices/stripe",service="order"\} (\d+)'
    return int(re.findall(counted, metrics)[0]) >= times


async def _tell(desk: OrderDesk, body: bytes, signature: str) -> Any:
    return await desk.client.post(
        "/v1/payment-notices/stripe", content=body, headers={"Stripe-Signature": signature}
    )
