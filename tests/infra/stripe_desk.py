"""An order service whose money Stripe takes: by its real SDK, at a socket of our own."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from infra.access import SigningKeys
from infra.databases import MakeDatabase
from infra.orders import OrderDesk
from infra.running import bus_settings, running
from infra.servers import INFRA
from infra.stripe import StripeSocket, stripe_socket
from services.order.main import build
from services.order.settings import OrderSettings
from shared.shift import ShiftedClock

VISA = "pm_card_visa"
SECRET = "whsec_ours_and_stripes"
ASKS_THE_PAYER = "4000002500003155"
PAID = [("payment.succeeded", 1), ("service.created", 1)]


@pytest_asyncio.fixture(scope="module")
async def stripe() -> AsyncIterator[StripeSocket]:
    async with stripe_socket() as socket:
        yield socket


@pytest_asyncio.fixture(scope="module")
async def stripe_desk(
    stripe: StripeSocket,
    module_database: MakeDatabase,
    kafka_bootstrap: str,
    topic_prefix: str,
    keys: SigningKeys,
) -> AsyncIterator[OrderDesk]:
    settings = OrderSettings(
        database_url=await module_database("order"),
        payment_provider="stripe",
        stripe_secret_key="sk_test_ours",
        stripe_webhook_secret=SECRET,
        stripe_url=stripe.url,
        payment_first_look_seconds=0.3,
        **bus_settings(kafka_bootstrap, topic_prefix, embedded=INFRA == "embedded"),
    )
    clock = ShiftedClock()
    service = build(settings, clock=clock, keys=keys)
    async with running(service) as client:
        yield OrderDesk(service, settings, client, clock, keys)
