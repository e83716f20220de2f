"""The order database: what it owns, what it keeps of others' events, and the sandbox's books."""

from services.order.tables import orders, payments, projections, sandbox
from services.order.tables.base import metadata

__all__ = ["metadata", "orders", "payments", "projections", "sandbox"]
