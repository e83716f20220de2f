"""The composition root of the order service."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from fastapi import APIRouter

from services.order import consumers, routes
from services.order.handlers import settling
from services.order.handlers.attachments import Files, sweep
from services.order.handlers.overstaying import tell_due
from services.order.handlers.settling import Till
from services.order.payments.sandbox import Sandbox
from services.order.routes import attachments, bank, invoicing, refusing, sandbox, stages
from services.order.settings import OrderSettings
from services.order.shelf import Shelf
from shared.clock import Clock, SystemClock
from shared.keys import KeySource
from shared.routing import side_by_side
from shared.service import Assembly, Service
from shared.worker import Worker

if TYPE_CHECKING:
    from services.order.payments.stripe import Stripe

SETTLING_SECONDS = 0.5
SWEEP_SECONDS = 60.0
TELLING_SECONDS = 5.0
ATTACHMENTS = "POST /v1/orders/[^/]+/attachments"


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
        in_business_time=True,
        effects=consumers.EFFECTS,
        topics=consumers.TOPICS,
        larger_bodies={ATTACHMENTS: settings.attachment_max_bytes},
    )
    stripe = _stripe(assembly, settings) if settings.payment_provider == "stripe" else None
    played = _sandbox(assembly, settings)
    till = Till(
        assembly.database,
        stripe or played,
        provider_timeout=timedelta(seconds=settings.payment_provider_seconds),
        first_look=timedelta(seconds=settings.payment_first_look_seconds),
        patience=timedelta(seconds=settings.payment_patience_seconds),
    )
    settle = Worker("settling", partial(settling.settle_due, till), every=SETTLING_SECONDS)
    app = assembly.app(show=refusing.shown)
    shelf = Shelf(settings.attachments_url)
    files = Files(assembly.database, shelf, settings.attachments_per_order)
    router = side_by_side(
        routes.build(till),
        *(
            [_stripe_routes(till, settings, settle)]
            if stripe
            else [sandbox.build(till, played), bank.build(till, played)]
        ),
        invoicing.build(till, currency=settings.default_currency),
        attachments.build(files),
        stages.build(assembly.database),
    )
    clear = Worker("clearing", partial(sweep, files), every=SWEEP_SECONDS)
    tell = Worker("overstaying", partial(tell_due, assembly.database), every=TELLING_SECONDS)
    own = {"stripe": stripe} if stripe else {}
    return assembly.service(app, router, [settle, clear, tell], **own)


def _sandbox(assembly: Assembly, settings: OrderSettings) -> Sandbox:
    late = timedelta(seconds=settings.sandbox_late_seconds)
    return Sandbox(assembly.engine, assembly.clock, url=settings.public_url, late=late)


# Stripe's library takes 0.25 s to import: only where it is the provider.
def _stripe(assembly: Assembly, settings: OrderSettings) -> Stripe:
    from services.order.payments.stripe import Stripe
    from services.order.payments.stripe_intents import Intents

    return Stripe(
        settings.stripe_secret_key.get_secret_value(),
        Intents(assembly.engine, assembly.clock),
        url=settings.stripe_url,
        public_url=settings.public_url,
        seconds=settings.payment_provider_seconds,
    )


def _stripe_routes(till: Till, settings: OrderSettings, settle: Worker) -> APIRouter:
    from services.order.routes import stripe

    return stripe.build(till, settings.stripe_webhook_secret.get_secret_value(), settle.wake)
