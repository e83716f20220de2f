"""The order service is killed at every step of taking money and of giving it back."""

from __future__ import annotations

import pytest
import pytest_asyncio

from infra.killing import ANSWER, BEGIN, CHARGE, COMMIT, REFUND, SETTLE, Moment, Shop, standing
from infra.waiting import eventually
from shared.ids import new_id

TOTAL = 44000
PAID = ["payment.succeeded", "service.created"]
REFUNDED = [*PAID, "service.updated", "payment.refunded"]

BUYING = [
    Moment("before it is begun", (BEGIN,), standing(payments=0, charges=0, told=0)),
    Moment("begun, not charged", (CHARGE,), standing(payments=1, charges=0, told=0)),
    Moment("charged, not settled", (CHARGE, SETTLE), standing(payments=1, charges=1, told=0)),
    Moment("settled, not committed", (COMMIT,), standing(payments=1, charges=1, told=0)),
    Moment("committed, not answered", (ANSWER,), standing(payments=1, charges=1, told=2)),
]
CANCELING = [
    Moment("asked for, not committed", (COMMIT,), standing(payments=1, charges=1, told=2)),
    Moment("owed, not given back", (REFUND,), standing(payments=1, charges=1, told=3)),
    Moment(
        "given back, not booked",
        (REFUND, SETTLE),
        standing(payments=1, charges=1, told=3, refunds=1),
    ),
    Moment(
        "booked, not committed",
        (REFUND, COMMIT),
        standing(payments=1, charges=1, told=3, refunds=1),
    ),
]


@pytest_asyncio.fixture(scope="module")
async def quotes(shop: Shop) -> list[tuple[str, str]]:
    """Tell of all quotes at once, so that a restarted service need not wait for its group."""
    made = []
    for _ in (*BUYING, *CANCELING):
        account = new_id("par")
        made.append((account, (await shop.desk.quote(account)).id))

    async def arrived() -> bool:
        return bool(await shop.desk.scalar("SELECT count(*) FROM quotes") == len(made))

    await eventually(arrived)
    return made


@pytest.mark.seed(7, 8)
@pytest.mark.parametrize("moment", BUYING, ids=str)
async def test_a_purchase_that_is_cut_off_is_one_order_and_one_charge(
    shop: Shop, quotes: list[tuple[str, str]], moment: Moment
) -> None:
    account, quote_id = quotes.pop()
    headers = shop.desk.partner(account) | {"Idempotency-Key": "buy", "Prefer": "wait=10"}
    await shop.killed_at(moment, quote_id, shop.desk.buy(headers, quote_id))
    if moment.stands["payments"]:
        # Nobody has to ask again: what was begun is brought to its end.
        query = "SELECT id FROM orders WHERE quote_id = :q AND status = 'pending'"
        await eventually(lambda: shop.desk.scalar(query, q=quote_id))
    answer = await shop.desk.buy(headers, quote_id)
    assert (answer.status_code, answer.json()["status"]) == (201, "pending")
    assert await shop.counted(quote_id) == standing(payments=1, charges=1, told=2, bills_paid=1)
    assert await shop.types(quote_id) == PAID
    [payment] = answer.json()["payments"]
    assert (payment["status"], payment["amount"]["amount"]) == ("succeeded", TOTAL)


@pytest.mark.seed(21)
@pytest.mark.parametrize("moment", CANCELING, ids=str)
async def test_a_refund_that_is_cut_off_is_made_once(
    shop: Shop, quotes: list[tuple[str, str]], moment: Moment
) -> None:
    account, quote_id = quotes.pop()
    headers = shop.desk.partner(account)
    order = (await shop.desk.buy(headers | {"Prefer": "wait=10"}, quote_id)).json()
    path, body = f"/v1/orders/{order['id']}/cancel", {"reason": "sold"}
    keyed = headers | {"Idempotency-Key": "cancel"}
    await shop.killed_at(moment, quote_id, shop.desk.client.post(path, json=body, headers=keyed))
    answer = await shop.desk.client.post(path, json=body, headers=keyed)
    assert (answer.status_code, answer.json()["status"]) == (200, "canceled")

    async def given_back() -> bool:
        [payment] = (await shop.desk.read(order["id"]))["payments"]
        return bool(payment["status"] == "refunded" and payment["refunded"]["amount"] == TOTAL)

    await eventually(given_back)
    assert await shop.counted(quote_id) == standing(
        payments=1, charges=1, told=4, refunds=1, bills_paid=1
    )
    assert sorted(await shop.types(quote_id)) == sorted(REFUNDED)
    back = "SELECT sum(amount) FROM sandbox_refunds WHERE charge_key = :p"
    assert await shop.desk.scalar(back, p=order["payment"]["id"]) == TOTAL
