"""The composition root of the quote service."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from services.quote import consumers, routes
from services.quote.domain.quote import Terms
from services.quote.handlers import deciding
from services.quote.handlers.telling import announce
from services.quote.settings import QuoteSettings
from shared.clock import Clock, SystemClock
from shared.keys import KeySource
from shared.service import Assembly, Service
from shared.worker import Worker

EXPIRY_SECONDS = 1.0
TELLING_SECONDS = 60.0


def build(
    settings: QuoteSettings | None = None,
    *,
    clock: Clock | None = None,
    keys: KeySource | None = None,
) -> Service:
    """Put the service together; without settings, by those of the environment."""
    settings = settings or QuoteSettings()
    assembly = Assembly(
        name="quote",
        title="Roadworthy quotes",
        settings=settings,
        clock=clock or SystemClock(),
        keys=keys,
        in_business_time=True,
        effects=consumers.EFFECTS,
        topics=consumers.TOPICS,
    )
    terms = Terms(
        timedelta(hours=settings.quote_valid_hours),
        settings.public_url,
        currency=settings.quote_currency,
        working_day=timedelta(hours=settings.quote_working_hours),
    )
    again = timedelta(days=settings.retention_days / 2)
    telling = Worker(
        "rate cards", partial(announce, assembly.database, again), every=TELLING_SECONDS
    )
    router = routes.build(assembly.database, terms, telling.wake)
    expiry = Worker("expiry", partial(deciding.expire_due, assembly.database), every=EXPIRY_SECONDS)
    return assembly.service(assembly.app(), router, [expiry, telling])
