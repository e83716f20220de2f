"""The checkout page over HTTP: what it shows, and what a form sent twice, or by others, does."""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import text

from infra.orders import OrderDesk
from infra.waiting import eventually
from shared.contracts.common import Contact, Registration, Vehicle
from shared.ids import new_id


@pytest.fixture
def account() -> str:
    return new_id("par")


async def opened(desk: OrderDesk, quote_id: str) -> tuple[str, str]:
    """Open the page; return it, and the attempt that its form would make."""
    answer = await desk.client.get(f"/checkout/{quote_id}")
    assert answer.status_code == 200, answer.text
    found = re.search(r'name="attempt" value="([^"]+)"', answer.text)
    return answer.text, found[1] if found else ""


async def sent(
    desk: OrderDesk, quote_id: str, attempt: str, card: str = "tok_visa", **headers: str
) -> httpx.Response:
    form = {"card": card, "attempt": attempt}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return await desk.client.post(f"/checkout/{quote_id}", data=form, headers=named)


async def payments(desk: OrderDesk, quote_id: str) -> list[str]:
    query = (
        "SELECT array_agg(p.status ORDER BY p.id) FROM payments p JOIN orders o"
        " ON o.id = p.order_id WHERE o.quote_id = :q"
    )
    return await desk.scalar(query, q=quote_id) or []


@pytest.mark.seed(5)
async def test_the_page_shows_the_quote_and_nobodys_data(desk: OrderDesk, account: str) -> None:
    contact = Contact(name="Dana Smith", email="dana@example.com", phone="+61412345678")
    plate = Registration(plate="ABC123", country="AU")
    vehicle = Vehicle(
        vin="1HGCM82633A004352", make="Honda", model="Accord", year=2003, registration=plate
    )
    quote = await desk.quote(account, contact=contact, vehicle=vehicle)
    answer = await desk.client.get(f"/checkout/{quote.id}")
    for shown in ("2003 Honda Accord (1HGCM82633A004352)", "Four tyres", "AUD\xa0440.00", quote.id):
        assert shown in answer.text
    for private in ("Dana", "example.com", "412345678", account, "ABC123"):
        assert private not in answer.text
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["cache-control"] == "no-store"
    assert "<script" not in answer.text


SLOW = """
CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql
AS 'BEGIN PERFORM pg_sleep(0.7); RETURN NEW; END';
CREATE TRIGGER slow BEFORE INSERT ON payments FOR EACH ROW EXECUTE FUNCTION slow()
"""


@pytest.mark.seed(8)
async def test_a_form_that_was_sent_twice_shows_what_came_of_it_and_not_itself_again(
    desk: OrderDesk, account: str
) -> None:
    quote = await desk.quote(account)
    _, attempt = await opened(desk, quote.id)
    async with desk.service.engine.begin() as connection:
        for statement in SLOW.split(";\n"):
            await connection.execute(text(statement))
    try:
        first = asyncio.create_task(sent(desk, quote.id, attempt))
        begun = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
        await eventually(lambda: desk.scalar(begun))
        assert (await sent(desk, quote.id, attempt)).status_code == 303
        page, _ = await opened(desk, quote.id)
        await first
    finally:
        async with desk.service.engine.begin() as connection:
            await connection.execute(text("DROP FUNCTION slow CASCADE"))

    assert "Paid. The work is ordered." in page
    assert await payments(desk, quote.id) == ["succeeded"]


@pytest.mark.seed(5, 7)
async def test_a_form_pays_and_the_page_has_the_orders_number(
    desk: OrderDesk, account: str
) -> None:
    quote = await desk.quote(account)
    _, attempt = await opened(desk, quote.id)
    answer = await sent(desk, quote.id, attempt)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/checkout/{quote.id}")
    order_id = await desk.scalar("SELECT id FROM orders WHERE quote_id = :q", q=quote.id)
    page, _ = await opened(desk, quote.id)
    assert "Paid. The work is ordered." in page
    assert order_id in page
    order = await desk.read(order_id)
    assert (order["status"], order["paid"]) == ("pending", True)


@pytest.mark.seed(8)
async def test_a_form_sent_twice_makes_one_payment(desk: OrderDesk, account: str) -> None:
    quote = await desk.quote(account)
    _, attempt = await opened(desk, quote.id)
    answers = await asyncio.gather(*(sent(desk, quote.id, attempt) for _ in range(6)))
    assert {answer.status_code for answer in answers} == {303}
    assert await payments(desk, quote.id) == ["succeeded"]
    assert (await sent(desk, quote.id, attempt)).status_code == 303
    # Another tab had its own attempt open.
    assert (await sent(desk, quote.id, new_id("att"))).status_code == 303
    assert await payments(desk, quote.id) == ["succeeded"]


@pytest.mark.seed(8)
async def test_a_declined_card_is_told_and_another_pays(desk: OrderDesk, account: str) -> None:
    quote = await desk.quote(account)
    _, attempt = await opened(desk, quote.id)
    await sent(desk, quote.id, attempt, "tok_declined")
    page, again = await opened(desk, quote.id)
    assert "The card was declined by its bank." in page
    assert again != attempt
    await sent(desk, quote.id, again)
    assert await payments(desk, quote.id) == ["failed", "succeeded"]


async def test_a_page_that_waits_is_answered_when_the_payment_is_settled(
    desk: OrderDesk, account: str
) -> None:
    quote = await desk.quote(account)
    await opened(desk, quote.id)
    body = {"quote_id": quote.id, "payment": {"method": "card", "token": "tok_late_success"}}
    headers = desk.partner(account) | {"Prefer": "wait=0"}
    await desk.client.post("/v1/orders", json=body, headers=headers)
    page, _ = await opened(desk, quote.id)
    assert f'content="0; url=/checkout/{quote.id}?held=true"' in page

    async def paid() -> bool:
        held = await desk.client.get(f"/checkout/{quote.id}?held=true")
        return "Paid. The work is ordered." in held.text

    await eventually(paid, 15)


async def test_the_bank_is_asked_and_the_page_tells(desk: OrderDesk, account: str) -> None:
    for decision, told in [("refuse", "confirmation was refused"), ("confirm", "Paid.")]:
        quote = await desk.quote(account)
        _, attempt = await opened(desk, quote.id)
        await sent(desk, quote.id, attempt, "tok_action_required")
        page, _ = await opened(desk, quote.id)
        [payment_id] = re.findall(r"/checkout/bank/(pay_\w+)", page)
        path = f"/checkout/bank/{payment_id}"
        assert "AUD\xa0440.00" in (await desk.client.get(path)).text
        for _ in range(2):
            answer = await desk.client.post(path, data={"decision": decision})
            assert answer.headers["location"] == f"/checkout/{quote.id}"
        assert told in (await opened(desk, quote.id))[0]
        # Its part is done: the bank's page leads back.
        assert (await desk.client.get(path)).headers["location"] == f"/checkout/{quote.id}"


@pytest.mark.seed(9)
async def test_what_cannot_be_paid_says_why(desk: OrderDesk, account: str) -> None:
    past = desk.clock.now() - timedelta(seconds=1)
    pending = {"status": "pending", "subtotal": None, "tax": None, "total": None}
    line = desk.new_quote(account).items[0].model_copy(update={"price": None, "tax": None})
    for changes, told in [
        ({"expires_at": past}, "This quote expired on"),
        ({"status": "declined"}, "This quote was declined"),
        (pending | {"items": (line,)}, "still has to price some of the work"),
    ]:
        quote = await desk.quote(account, **changes)
        page, attempt = await opened(desk, quote.id)
        assert told in page
        assert attempt == ""
        answer = await sent(desk, quote.id, new_id("att"))
        assert answer.status_code == 303
        assert await payments(desk, quote.id) == []


async def test_a_canceled_order_says_where_the_money_is(desk: OrderDesk, account: str) -> None:
    order = await desk.ordered(account)
    path = f"/v1/orders/{order['id']}/cancel"
    await desk.client.post(path, json={"reason": "sold"}, headers=desk.partner(account))

    async def page() -> str:
        return (await opened(desk, order["quote_id"]))[0]

    assert "The order was canceled." in await page()

    async def went_back() -> bool:
        return "went back" in await page()

    assert await eventually(went_back)
    assert "AUD\xa0440.00 went back" in await page()


async def test_work_that_is_added_leaves_the_quote_paid(desk: OrderDesk, account: str) -> None:
    order = await desk.ordered(account)
    async with desk.service.engine.begin() as connection:
        unpaid = text("UPDATE orders SET paid = false WHERE id = :id")
        await connection.execute(unpaid, {"id": order["id"]})
    assert "Paid. The work is ordered." in (await opened(desk, order["quote_id"]))[0]


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ],
)
async def test_another_sites_form_is_refused(
    desk: OrderDesk, account: str, headers: dict[str, str]
) -> None:
    quote = await desk.quote(account)
    _, attempt = await opened(desk, quote.id)
    answer = await sent(desk, quote.id, attempt, **headers)
    assert (answer.status_code, "A form of another site" in answer.text) == (403, True)
    assert await payments(desk, quote.id) == []
    own = await sent(desk, quote.id, attempt, Origin="http://roadworthy.test")
    assert own.status_code == 303


async def test_a_quote_that_nobody_made_is_a_page_too(desk: OrderDesk) -> None:
    quote_id = new_id("quo")
    for answer in (
        await desk.client.get(f"/checkout/{quote_id}"),
        await sent(desk, quote_id, new_id("att")),
        await desk.client.get(f"/checkout/bank/{new_id('pay')}"),
    ):
        assert answer.status_code == 404
        assert answer.headers["content-type"].startswith("text/html")


async def test_a_card_that_the_provider_never_issued(desk: OrderDesk, account: str) -> None:
    quote = await desk.quote(account)
    answer = await sent(desk, quote.id, new_id("att"), "tok_nobodys")
    assert answer.status_code == 422
    assert "The payment provider doesn't know this token." in answer.text
    assert await payments(desk, quote.id) == []
