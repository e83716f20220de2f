"""The composition root of the booking service."""

from __future__ import annotations

from functools import partial

from services.booking import routes
from services.booking.handlers.reminders import remind_due
from services.booking.settings import BookingSettings
from shared.clock import Clock, SystemClock
from shared.keys import KeySource
from shared.service import Assembly, Service
from shared.worker import Worker

REMINDER_SECONDS = 1.0


def build(
    settings: BookingSettings | None = None,
    *,
    clock: Clock | None = None,
    keys: KeySource | None = None,
) -> Service:
    """Put the service together; without settings, by those of the environment."""
    assembly = Assembly(
        name="booking",
        title="Roadworthy bookings",
        settings=settings or BookingSettings(),
        clock=clock or SystemClock(),
        keys=keys,
    )
    app = assembly.app()
    app.include_router(routes.build(assembly.database))
    due = partial(remind_due, assembly.database)
    return assembly.service(app, [Worker("reminders", due, every=REMINDER_SECONDS)])
