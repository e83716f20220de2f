"""The HTTP face: body to command, result to body."""

from __future__ import annotations

from fastapi import APIRouter

from services.order.handlers.settling import Till
from services.order.routes import checkout, invoice_page, order_page, orders, refunds, supplements
from shared.routing import side_by_side


def build(till: Till) -> APIRouter:
    """Make the routes over a database and a payment provider, whichever it is."""
    return side_by_side(
        orders.build(till),
        checkout.build(till),
        invoice_page.build(till),
        order_page.build(till),
        refunds.build(till.database),
        supplements.build(till.database),
    )
