"""The quote database: rate cards, quotes, and what it keeps of others' events."""

from services.quote.tables import projections, quotes, rates, taxes, versions
from services.quote.tables.base import metadata

__all__ = ["metadata", "projections", "quotes", "rates", "taxes", "versions"]
