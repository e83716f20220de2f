"""Deals, invoices and billing details: what an order leaves in the books."""

from __future__ import annotations

from fastapi import APIRouter

from services.order.handlers.settling import Till
from services.order.routes import billing, deals, documents, invoices
from shared.routing import side_by_side


def build(till: Till, *, currency: str) -> APIRouter:
    """Make the routes; the currency is that of deals that name none."""
    database = till.database
    return side_by_side(
        deals.build(database, currency=currency),
        # Before the invoices: an id takes any characters, those of `.pdf` too.
        documents.build(database),
        invoices.build(till),
        billing.build(database),
    )
