"""The composition root of the booking service."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from services.booking import consumers, routes
from services.booking.handlers.holds import expire_due
from services.booking.handlers.reminders import remind_due
from services.booking.handlers.visitors import forget_visitors
from services.booking.routes import calendars, sandbox
from services.booking.routes.book import refusing
from services.booking.sealing import Seals
from services.booking.settings import BookingSettings
from shared.clock import Clock, SystemClock
from shared.keys import KeySource
from shared.routing import side_by_side
from shared.service import Assembly, Service
from shared.worker import Worker

REMINDER_SECONDS = 1.0
HOLD_SECONDS = 1.0
VISITOR_SECONDS = 60.0


def build(
    settings: BookingSettings | None = None,
    *,
    clock: Clock | None = None,
    keys: KeySource | None = None,
) -> Service:
    """Put the service together; without settings, by those of the environment."""
    settings = settings or BookingSettings()
    assembly = Assembly(
        name="booking",
        title="Roadworthy bookings",
        settings=settings,
        clock=clock or SystemClock(),
        keys=keys,
        effects=consumers.EFFECTS,
        topics=consumers.TOPICS,
        in_business_time=True,
    )
    app = assembly.app(show=refusing.shown)
    refusing.install(app)
    lasting = timedelta(seconds=settings.hold_seconds)
    seals = Seals.of(settings.booking_links_key.get_secret_value())
    own = routes.build(
        assembly.database, seals, hold_lasting=lasting, public_url=settings.public_url
    )
    routers = [own, calendars.build(assembly.database, settings.public_url, assembly.wall)]
    if assembly.sandbox:
        routers.append(sandbox.build(assembly.database, assembly.sandbox))
    due = partial(remind_due, assembly.database)
    over = partial(expire_due, assembly.database)
    workers = [
        Worker("reminders", due, every=REMINDER_SECONDS),
        Worker("holds", over, every=HOLD_SECONDS),
        Worker("visitors", partial(forget_visitors, assembly.database), every=VISITOR_SECONDS),
    ]
    return assembly.service(app, side_by_side(*routers), workers)
