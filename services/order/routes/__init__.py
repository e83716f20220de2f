"""The HTTP face: body to command, result to body."""

from __future__ import annotations

from fastapi import APIRouter

from services.order.handlers.settling import Till
from services.order.routes import checkout, invoice_page, order_page, orders, refunds, supplements


def build(till: Till) -> APIRouter:
    """Make the routes over a database and a payment provider, whichever it is."""
    router = APIRouter()
    router.include_router(orders.build(till))
    router.include_router(checkout.build(till))
    router.include_router(invoice_page.build(till))
    router.include_router(order_page.build(till))
    router.include_router(refunds.build(till.database))
    router.include_router(supplements.build(till.database))
    return router
