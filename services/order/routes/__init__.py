"""The HTTP face: body to command, result to body."""

from __future__ import annotations

from fastapi import APIRouter

from services.order.handlers.settling import Till
from services.order.payments.sandbox import Sandbox
from services.order.routes import checkout, orders, refunds, sandbox, supplements


def build(till: Till, provider: Sandbox) -> APIRouter:
    """Make the routes over a database and a payment provider."""
    router = APIRouter()
    router.include_router(orders.build(till))
    router.include_router(checkout.build(till))
    router.include_router(checkout.build_bank(till, provider))
    router.include_router(refunds.build(till.database))
    router.include_router(supplements.build(till.database))
    router.include_router(sandbox.build(till, provider))
    return router
