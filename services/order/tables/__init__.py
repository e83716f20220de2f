"""The order database: what it owns, what it keeps of others' events, and the sandbox's books."""

from services.order.tables import (
    attachments,
    billing,
    deals,
    invoices,
    orders,
    payments,
    projections,
    rate_cards,
    sandbox,
    stages,
    stripe,
)
from services.order.tables.base import metadata

__all__ = [
    "attachments",
    "billing",
    "deals",
    "invoices",
    "metadata",
    "orders",
    "payments",
    "projections",
    "rate_cards",
    "sandbox",
    "stages",
    "stripe",
]
