"""A customer at the booking page, in a browser: by hand and by rule, without JavaScript."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
import pytest_asyncio
from aiohttp import web
from playwright.async_api import Browser, Page, expect

from infra.access import SigningKeys
from infra.booking_site import Site, booking_site
from infra.chromium import DESKTOP, PHONE, violations
from infra.databases import MakeDatabase
from infra.visitors import bookings_of
from roadworthy.embedded.ports import LOOPBACK
from shared.ids import new_id

DO = "button.do"
SLOT = "button.slot"
TYPED = {"name": "Ada Lovelace", "email": "ada@example.com", "plate": "ABC123"}


@pytest_asyncio.fixture(scope="module")
async def site(
    chromium: Browser, module_database: MakeDatabase, keys: SigningKeys
) -> AsyncIterator[Site]:
    async with booking_site(chromium, module_database, keys) as made:
        yield made


async def fill(page: Page, **typed: str) -> None:
    for name, value in (TYPED | typed).items():
        await page.locator(f"#{name}").fill(value)


async def fits(page: Page, viewport: dict[str, int]) -> None:
    wide = await page.locator("html").bounding_box()
    assert wide
    assert wide["width"] <= viewport["width"]


WORDS = {
    "en": ("Choose a time", "Your details", "You're booked", "Your booking has been moved."),
    "de": ("Termin wählen", "Ihre Angaben", "Ihr Termin steht", "Ihr Termin wurde verschoben."),
    "es": ("Elegir la hora", "Sus datos", "Reserva hecha", "Su reserva se ha movido."),
}


@pytest.mark.seed(42, 36)
@pytest.mark.parametrize(
    ("viewport", "language", "price"),
    [(DESKTOP, "en", "$99.00"), (PHONE, "de", "99,00\xa0AU$"), (PHONE, "es", "99,00\xa0AUD")],
    ids=["desktop-en", "phone-de", "phone-es"],
)
async def test_a_customer_without_javascript_books_moves_and_cancels(
    site: Site, viewport: dict[str, int], language: str, price: str
) -> None:
    workshop_id, owner = await site.workshop()
    times, details, booked, moved = WORDS[language]
    async with site.page(viewport=viewport, locale=language) as page:
        heading = page.get_by_role("heading", level=1)
        await page.goto(f"/book/{workshop_id}")
        await expect(page.locator("html")).to_have_attribute("lang", language)
        await expect(page.locator(".offer").first).to_contain_text(price)
        await fits(page, viewport)
        await page.get_by_label("Oil and filter change").check()
        await page.locator(DO).click()
        await expect(heading).to_have_text(times)
        await fits(page, viewport)
        await page.locator(SLOT).first.click()
        await expect(heading).to_have_text(details)
        await fits(page, viewport)
        await page.locator(DO).click()
        await expect(page.locator("#name-wrong")).to_be_visible()
        await fill(page)
        await page.locator(DO).dblclick()
        await expect(heading).to_have_text(booked)
        await page.reload()  # a redirect came between: nothing is sent again
        await fits(page, viewport)
        await page.locator("a[href*='/move']").click()
        await page.locator(SLOT).nth(2).click()
        await expect(page.get_by_role("status")).to_have_text(moved)
        await page.locator("a[href*='/cancel']").click()
        await page.locator("#reason").fill("Sold it.")
        await page.locator(DO).click()
        await expect(page.get_by_role("status")).to_contain_text("Sold it.")
    [made] = await bookings_of(site.booking, owner)
    assert (made["status"], made["customer"]["name"]) == ("cancelled", "Ada Lovelace")


async def test_the_languages_are_a_link_away_and_the_choice_stays(site: Site) -> None:
    workshop_id, _ = await site.workshop()
    async with site.page(locale="en-AU") as page:
        await page.goto(f"/book/{workshop_id}/times?other=Rattles")
        await page.get_by_role("link", name="Deutsch").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Termin wählen")
        await page.locator(SLOT).first.click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Ihre Angaben")


@pytest.mark.parametrize(
    ("viewport", "scheme"), [(PHONE, "light"), (DESKTOP, "dark")], ids=["phone", "desktop"]
)
async def test_no_state_of_the_page_has_a_barrier(
    site: Site, viewport: dict[str, int], scheme: str
) -> None:
    workshop_id, owner = await site.workshop(phone="+61298765432", email="w@example.com")
    full, _ = await site.workshop(hours={}, rules={"horizon_days": 20})
    options = {"viewport": viewport, "color_scheme": scheme, "javascript": True}
    async with site.page(**options) as page:
        console: list[str] = []
        page.on("console", lambda said: console.append(said.text))

        async def clean(state: str) -> None:
            assert await violations(page) == [], state
            await fits(page, viewport)

        async def at(state: str, do: Callable[[], Awaitable[object]]) -> None:
            await do()
            await clean(state)

        do = page.locator(DO)
        await at("services", lambda: page.goto(f"/book/{workshop_id}"))
        await at("nothing chosen", do.click)
        await at("nothing free", lambda: page.goto(f"/book/{full}/times?other=x"))
        await page.goto(f"/book/{workshop_id}/times?other=Rattles")
        slot = await page.locator(SLOT).first.get_attribute("value")
        await clean("times")
        for _ in range(2):
            partner = site.booking.partner()
            await site.booking.book(workshop_id, partner, drop_off_at=slot)
        await at("taken", page.locator(SLOT).first.click)
        await at("details", page.locator(SLOT).first.click)
        await at("kept", page.locator("a[href*='/times']").first.click)
        await page.go_back()
        await at("errors", do.click)
        site.booking.clock.advance(timedelta(minutes=11))
        await at("no longer kept", page.reload)
        await fill(page)
        await at("booked", do.click)
        await at("move", page.locator("a[href*='/move']").click)
        await page.go_back()
        await at("cancel", page.locator("a[href*='/cancel']").click)
        await at("cancelled", do.click)
        await at("nothing", lambda: page.goto(f"/book/{new_id('wks')}"))
        link = await site.booking.post("/v1/booking-links", owner, workshop_id=workshop_id)
        await at("altered", lambda: page.goto(link["url"][:-4] + "AAAA"))
        assert [said for said in console if "status of 4" not in said] == []


@asynccontextmanager
async def site_that_frames(url: Callable[[], str]) -> AsyncIterator[str]:
    """Serve another site's page, with a frame; yield its origin."""

    async def answer(_: web.Request) -> web.Response:
        body = f"<!doctype html><iframe src='{url()}' height=700></iframe>"
        return web.Response(text=body, content_type="text/html")

    app = web.Application()
    app.router.add_get("/", answer)
    runner = web.AppRunner(app, shutdown_timeout=0)
    await runner.setup()
    await web.TCPSite(runner, LOOPBACK, 0).start()
    try:
        yield f"http://{LOOPBACK}:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def test_a_site_of_the_workshops_frames_it_and_no_other_does(site: Site) -> None:
    framed = ""
    async with (
        site_that_frames(lambda: framed) as ours,
        site_that_frames(lambda: framed) as theirs,
        site.page() as page,
    ):
        workshop_id, owner = await site.workshop(embed_origins=[ours])
        framed = f"{site.origin}/book/{workshop_id}?embed=1"
        await page.goto(f"{ours}/")
        frame = page.frame_locator("iframe")
        await frame.get_by_label("Oil and filter change").check()
        await frame.locator(DO).click()
        await frame.locator(SLOT).first.click()
        for name, value in TYPED.items():
            await frame.locator(f"#{name}").fill(value)
        await frame.locator(DO).click()
        await expect(frame.get_by_role("heading", level=1)).to_have_text("You're booked")
        await page.goto(f"{theirs}/")
        await expect(frame.get_by_role("heading", level=1)).to_have_count(0)
    assert len(await bookings_of(site.booking, owner)) == 1
