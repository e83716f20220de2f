"""One origin for every service: which path is whose, and a dispatcher for one process.

deploy/nginx.conf.template has the same table; a test compares them.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

SERVICES = ("partner", "quote", "order", "booking", "notifier")

PREFIXES: dict[str, str] = {
    "/.well-known/jwks.json": "partner",
    "/v1/auth": "partner",
    "/v1/partners": "partner",
    "/v1/quotes": "quote",
    "/v1/rate-cards": "quote",
    "/v1/taxes": "quote",
    "/v1/orders": "order",
    "/v1/deals": "order",
    "/v1/invoices": "order",
    "/v1/stage-policy": "order",
    "/v1/reports/stages": "order",
    "/v1/reports/stages.csv": "order",
    "/v1/billing": "order",
    "/v1/sandbox/payments": "order",
    "/v1/payment-notices": "order",
    "/checkout": "order",
    "/v1/workshops": "booking",
    "/v1/bookings": "booking",
    "/v1/booking-links": "booking",
    "/book": "booking",
    "/v1/holds": "booking",
    "/v1/booking-series": "booking",
    "/v1/reminders": "booking",
    "/v1/customers": "booking",
    "/v1/reports": "booking",
    "/v1/service-history": "booking",
    "/v1/sandbox/clock": "booking",
    "/v1/calendars": "booking",
    "/v1/webhook-endpoints": "notifier",
    "/v1/webhook-keys": "notifier",
    "/v1/deliveries": "notifier",
    "/v1/replays": "notifier",
    "/v1/erasures": "notifier",
    "/v1/brands": "notifier",
    "/v1/mail-previews": "notifier",
    "/v1/mail-usage": "notifier",
    "/v1/bounces": "notifier",
    "/v1/suppressions": "notifier",
    "/unsubscribe": "notifier",
    "/v1/events": "notifier",
    "/v1/event-types": "notifier",
} | {
    path.format(service): service
    for service in SERVICES
    for path in ("/docs/{}", "/metrics/{}", "/openapi/{}.json", "/asyncapi/{}.json")
}
"""What a path begins with, whole segments, and the service that answers there."""

_LONGEST = max(prefix.count("/") for prefix in PREFIXES)


def service_of(path: str) -> str | None:
    """Name the service that a path belongs to, or None where there is none."""
    segments = path.split("/", _LONGEST + 1)[: _LONGEST + 1]
    for length in range(len(segments), 1, -1):
        if service := PREFIXES.get("/".join(segments[:length])):
            return service
    return None


class Gateway:
    """An ASGI app that hands each request to its service, and the rest to the launcher's own."""

    def __init__(self, services: Mapping[str, App], own: App) -> None:
        self._services = services
        self._own = own

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Dispatch by path; anything but HTTP is the launcher's."""
        service = service_of(scope["path"]) if scope["type"] == "http" else None
        app = self._services.get(service, self._own) if service else self._own
        await app(scope, receive, send)
