"""The booking service on a port, and a browser before its page: no script runs, unless asked to."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from infra.access import SigningKeys
from infra.booking import Booking, Headers, booking_service
from infra.databases import MakeDatabase
from roadworthy.embedded.ports import LOOPBACK, bind
from roadworthy.server import serving

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

CATALOG = (
    ("oil", "Oil and filter change", "maintenance", "PT1H", 9900),
    ("logbook", "Logbook service", "maintenance", "PT2H", 34900),
    ("tyres", "Four tyres, fitted and balanced", "tyres", "PT1H", 72000),
    ("brakes", "Brake pads, front", "repair", "PT2H", 28900),
)


@dataclass
class Site:
    """A workshop's page in a browser."""

    booking: Booking
    origin: str
    browser: Browser

    @asynccontextmanager
    async def page(self, *, javascript: bool = False, **options: Any) -> AsyncIterator[Page]:
        """Open a window."""
        context = await self.browser.new_context(
            base_url=self.origin, java_script_enabled=javascript, **options
        )
        context.set_default_timeout(10_000)
        try:
            yield await context.new_page()
        finally:
            await context.close()

    async def workshop(self, **profile: Any) -> tuple[str, Headers]:
        """Open a workshop with a catalog."""
        workshop_id, owner = await self.booking.workshop(bays=2, **profile)
        for code, title, category, duration, cents in CATALOG:
            cost = {"amount": cents, "currency": "AUD"}
            more = {"code": code, "title": title, "category": category, "duration": duration}
            await self.booking.service_of(workshop_id, owner, **more, cost=cost)
        return workshop_id, owner


@asynccontextmanager
async def booking_site(
    browser: Browser, make_database: MakeDatabase, keys: SigningKeys
) -> AsyncIterator[Site]:
    """Serve the booking service on a port of its own."""
    bound = bind(LOOPBACK, 0)
    origin = f"http://{LOOPBACK}:{bound.getsockname()[1]}"
    async with (
        booking_service(make_database, keys, public_url=origin) as booking,
        serving(booking.service.app, bound),
    ):
        yield Site(booking, origin, browser)
