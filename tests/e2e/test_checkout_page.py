"""A payer at the checkout page, in a browser: by hand and by rule, with and without JavaScript."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from infra.access import SigningKeys
from infra.bills import final_invoice
from infra.chromium import DESKTOP, PHONE, violations
from infra.databases import MakeDatabase
from infra.jobs import begun
from infra.orders import OrderDesk
from infra.running import bus_settings, running
from infra.servers import INFRA
from infra.tongues import in_english
from roadworthy.embedded.ports import LOOPBACK, bind
from roadworthy.server import serving
from services.order.main import build
from services.order.settings import OrderSettings
from shared.ids import new_id
from shared.shift import ShiftedClock

PLANTED = (
    "document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=\"planted=1\">')",
    "document.body.append(Object.assign(document.createElement('script'), {text: 'planted=1'}))",
)


@dataclass
class Shop:
    """The order service on a port, and a browser that is nowhere yet."""

    desk: OrderDesk
    origin: str
    browser: Browser

    @asynccontextmanager
    async def page(self, *, javascript: bool = False, **options: Any) -> AsyncIterator[Page]:
        """Open a window that runs nothing, unless it is asked to."""
        context = await self.browser.new_context(
            base_url=self.origin, java_script_enabled=javascript, **options
        )
        context.set_default_timeout(10_000)
        try:
            yield await context.new_page()
        finally:
            await context.close()

    async def quote(self, **changes: Any) -> str:
        quote = await self.desk.quote(new_id("par"), **changes)
        return quote.id

    async def invoice(self) -> str:
        """Close a deal with two orders on it; return the address of its invoice's page."""
        address: str = (await final_invoice(self.desk, new_id("par"), 40000, 12000))["pay_url"]
        return address

    async def supplement(self) -> str:
        """Have more work authorised; return the address of the page that takes what is due."""
        job = await begun(self.desk)
        await job.decide(await job.propose(), "authorize")
        await job.propose()
        return f"/checkout/orders/{job.order['id']}"

    async def bought(self, card: str) -> str:
        """Have somebody try to pay a quote through the API, who doesn't wait for the outcome."""
        account = new_id("par")
        quote = await self.desk.quote(account)
        await self.desk.client.get(f"/checkout/{quote.id}")
        headers = self.desk.partner(account) | {"Prefer": "wait=0"}
        await self.desk.buy(headers, quote.id, card)
        return quote.id


@pytest_asyncio.fixture(scope="module")
async def shop(
    chromium: Browser,
    module_database: MakeDatabase,
    kafka_bootstrap: str,
    topic_prefix: str,
    keys: SigningKeys,
) -> AsyncIterator[Shop]:
    bound = bind(LOOPBACK, 0)
    origin = f"http://{LOOPBACK}:{bound.getsockname()[1]}"
    settings = OrderSettings(
        database_url=await module_database("order"),
        public_url=origin,
        sandbox_late_seconds=5,
        **bus_settings(kafka_bootstrap, topic_prefix, embedded=INFRA == "embedded"),
    )
    clock = ShiftedClock()
    service = build(settings, clock=clock, keys=keys)
    async with running(service) as client, serving(service.app, bound):
        yield Shop(OrderDesk(service, settings, client, clock, keys), origin, chromium)


async def pay(page: Page, card: str) -> None:
    await page.get_by_label(card).check()
    await page.get_by_role("button", name="Pay AUD").click()


@pytest.mark.seed(5, 7)
@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
async def test_a_payer_without_javascript_pays(shop: Shop, viewport: dict[str, int]) -> None:
    quote_id = await shop.quote()
    async with shop.page(viewport=viewport) as page:
        await page.goto(f"/checkout/{quote_id}")
        await expect(page.get_by_role("heading", level=1)).to_have_text("Your quote")
        await expect(page.get_by_role("row", name="Total")).to_contain_text("AUD\xa0440.00")
        wide = await page.locator("html").bounding_box()
        assert wide
        assert wide["width"] <= viewport["width"]
        await pay(page, "Test card that succeeds Paid")
        await expect(page.get_by_role("status")).to_contain_text("Paid. The work is ordered.")
        await expect(page.get_by_role("status")).to_contain_text("ord_")
        await page.reload()  # a redirect came between: nothing is sent again
        await expect(page.get_by_role("heading", level=1)).to_have_text("Thank you")


@pytest.mark.seed(18, 71)
@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
async def test_invoices_and_what_is_due_are_paid_without_javascript(
    shop: Shop, viewport: dict[str, int]
) -> None:
    pages = [(await shop.invoice(), "is paid"), (await shop.supplement(), "Nothing is due")]
    async with shop.page(viewport=viewport) as page:
        for address, outcome in pages:
            await page.goto(address)
            wide = await page.locator("html").bounding_box()
            assert wide
            assert wide["width"] <= viewport["width"]
            await pay(page, "is declined")
            await expect(page.get_by_role("alert")).to_contain_text("declined by its bank")
            await pay(page, "needs confirmation")
            await page.get_by_role("link", name="Continue to your bank").click()
            await page.get_by_role("button", name="Confirm the payment").click()
            await expect(page.get_by_role("status")).to_contain_text(outcome)
            assert page.url.endswith(address)


async def test_a_payer_who_reads_german_pays_in_german(shop: Shop) -> None:
    pages = [f"/checkout/{await shop.quote()}", await shop.invoice(), await shop.supplement()]
    async with shop.page(viewport=PHONE, javascript=True, locale="en-AU") as page:
        for address in pages:
            await page.goto(address)
            await page.get_by_role("link", name="Deutsch").click()
            await expect(page.locator("html")).to_have_attribute("lang", "de")
            for way in (None, "abgelehnt wird", "eine Bestätigung braucht"):
                if way:
                    await page.get_by_label(way).check()
                    await page.get_by_role("button", name="AUD bezahlen").click()
                assert await violations(page) == [], (address, way)
                assert in_english(await page.content(), "order", "de") == set()
                wide = await page.evaluate("document.documentElement.scrollWidth")
                assert wide <= PHONE["width"], (address, way)
            await page.get_by_role("link", name="Weiter zu Ihrer Bank").click()
            await page.get_by_role("button", name="Zahlung bestätigen").click()
            await expect(page.get_by_role("status")).to_contain_text("ezahlt")
            assert page.url.endswith(f"{address}?lang=de")


@pytest.mark.seed(8)
async def test_a_declined_card_and_then_another(shop: Shop) -> None:
    quote_id = await shop.quote()
    async with shop.page(viewport=PHONE) as page:
        await page.goto(f"/checkout/{quote_id}")
        await pay(page, "is declined")
        await expect(page.get_by_role("alert")).to_contain_text("declined by its bank")
        await pay(page, "Test card that succeeds Paid")
        await expect(page.get_by_role("status")).to_contain_text("Paid.")


async def test_the_bank_confirms(shop: Shop) -> None:
    quote_id = await shop.quote()
    async with shop.page() as page:
        await page.goto(f"/checkout/{quote_id}")
        await pay(page, "needs confirmation")
        await page.get_by_role("link", name="Continue to your bank").click()
        await page.get_by_role("button", name="Confirm the payment").click()
        await expect(page.get_by_role("status")).to_contain_text("Paid.")


async def test_a_late_success_shows_itself(shop: Shop) -> None:
    quote_id = await shop.quote()
    async with shop.page() as page:
        await page.goto(f"/checkout/{quote_id}")
        await pay(page, "succeeds late")
        await expect(page.get_by_role("status")).to_contain_text("Paid.", timeout=15_000)
        assert page.url.endswith("?held=true")  # it came back by itself


@pytest.mark.seed(8)
async def test_two_clicks_make_one_payment(shop: Shop) -> None:
    quote_id = await shop.quote()
    async with shop.page() as page, shop.page() as other:
        await asyncio.gather(*(each.goto(f"/checkout/{quote_id}") for each in (page, other)))
        await page.get_by_role("button", name="Pay AUD").dblclick()
        await other.get_by_role("button", name="Pay AUD").click()
        for each in (page, other):
            await expect(each.get_by_role("status")).to_contain_text("Paid.")
    query = (
        "SELECT count(*) FROM sandbox_charges c JOIN payments p ON p.id = c.key"
        " JOIN orders o ON o.id = p.order_id WHERE o.quote_id = :q"
    )
    assert await shop.desk.scalar(query, q=quote_id) == 1


async def _canceled(shop: Shop) -> str:
    order = await shop.desk.ordered(new_id("par"))
    path = f"/v1/orders/{order['id']}/cancel"
    operator = shop.desk.keys.headers("operator")
    await shop.desk.client.post(path, json={"reason": "sold"}, headers=operator)
    quote_id: str = order["quote_id"]
    return quote_id


@pytest.mark.parametrize(
    ("viewport", "scheme"), [(PHONE, "light"), (DESKTOP, "dark")], ids=["phone", "desktop"]
)
async def test_no_state_of_the_page_has_a_barrier(
    shop: Shop, viewport: dict[str, int], scheme: str
) -> None:
    past = shop.desk.clock.now() - timedelta(seconds=1)
    unpriced = shop.desk.new_quote("par_x").items[0].model_copy(update={"price": None})
    quotes = {
        "payable": await shop.quote(),
        "paid": await shop.bought("tok_visa"),
        "failed": await shop.bought("tok_declined"),
        "confirming": await shop.bought("tok_action_required"),
        "expired": await shop.quote(expires_at=past),
        "declined": await shop.quote(status="declined"),
        "unpriced": await shop.quote(status="pending", items=(unpriced,), total=None),
        "canceled": await _canceled(shop),
        "nothing": new_id("quo"),
    }
    options = {"viewport": viewport, "color_scheme": scheme, "javascript": True}
    async with shop.page(**options) as page:
        console: list[str] = []
        page.on("console", lambda said: console.append(said.text))
        for state, quote_id in quotes.items():
            await page.goto(f"/checkout/{quote_id}")
            assert await violations(page) == [], state
        for address in (await shop.invoice(), await shop.supplement()):
            for card in (None, "is declined", "needs confirmation"):
                await (pay(page, card) if card else page.goto(address))
                assert await violations(page) == [], (address, card)
            await page.get_by_role("link", name="Continue to your bank").click()
            await page.get_by_role("button", name="Confirm the payment").click()
            assert await violations(page) == [], (address, "paid")
        await page.goto(f"/checkout/{quotes['confirming']}")
        await page.get_by_role("link", name="Continue to your bank").click()
        assert await violations(page) == [], "bank"
        late = await shop.bought("tok_late_success")
        # Without the page's own reload, which would take it away while it is looked at.
        answer = await page.request.get(f"/checkout/{late}")
        settling = await answer.text()
        await page.goto(f"/checkout/{quotes['payable']}")
        await page.set_content(re.sub('<meta http-equiv="refresh"[^>]*>', "", settling))
        assert await violations(page) == [], "settling"
        assert [said for said in console if "404" not in said] == []  # its policy hinders nothing


async def test_its_policy_lets_no_script_run(shop: Shop) -> None:
    quote_id = await shop.quote()
    async with shop.page(javascript=True) as page:
        await page.goto(f"/checkout/{quote_id}")
        refused: list[str] = []
        page.on("console", lambda said: refused.append(said.text))
        session = await page.context.new_cdp_session(page)
        for planted in PLANTED:
            await session.send("Runtime.evaluate", {"expression": planted})
        answer = await session.send("Runtime.evaluate", {"expression": "typeof planted"})
        assert answer["result"]["value"] == "undefined"
        assert any("Content Security Policy" in said for said in refused)
