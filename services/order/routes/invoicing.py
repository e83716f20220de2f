"""Deals, invoices and billing details: what an order leaves in the books."""

from __future__ import annotations

from fastapi import APIRouter

from services.order.handlers.settling import Till
from services.order.routes import billing, deals, documents, invoices


def build(till: Till, *, currency: str) -> APIRouter:
    """Make the routes; the currency is that of deals that name none."""
    router, database = APIRouter(), till.database
    router.include_router(deals.build(database, currency=currency))
    # Before the invoices: an id takes any characters, those of `.pdf` too.
    router.include_router(documents.build(database))
    router.include_router(invoices.build(till))
    router.include_router(billing.build(database))
    return router
