"""The composition root of the order service."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from services.order import consumers, routes
from services.order.handlers import settling
from services.order.handlers.settling import Till
from services.order.payments.sandbox import Sandbox
from services.order.routes import deals, invoices
from services.order.settings import OrderSettings
from shared.clock import Clock, SystemClock
from shared.keys import KeySource
from shared.service import Assembly, Service
from shared.worker import Worker

SETTLING_SECONDS = 0.5


def build(
    settings: OrderSettings | None = None,
    *,
    clock: Clock | None = None,
    keys: KeySource | None = None,
) -> Service:
    """Put the service together; without settings, by those of the environment."""
    settings = settings or OrderSettings()
    assembly = Assembly(
        name="order",
        title="Roadworthy orders",
        settings=settings,
        clock=clock or SystemClock(),
        keys=keys,
        effects=consumers.EFFECTS,
        topics=consumers.TOPICS,
    )
    sandbox = Sandbox(
        assembly.engine,
        assembly.clock,
        url=settings.public_url,
        late=timedelta(seconds=settings.sandbox_late_seconds),
    )
    till = Till(
        assembly.database,
        sandbox,
        provider_timeout=timedelta(seconds=settings.payment_provider_seconds),
        first_look=timedelta(seconds=settings.payment_first_look_seconds),
        patience=timedelta(seconds=settings.payment_patience_seconds),
    )
    app = assembly.app()
    app.include_router(routes.build(till, sandbox))
    app.include_router(deals.build(assembly.database, currency=settings.default_currency))
    app.include_router(invoices.build(assembly.database))
    worker = Worker("settling", partial(settling.settle_due, till), every=SETTLING_SECONDS)
    return assembly.service(app, [worker])
