"""The quote service's tables."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    Interval,
    MetaData,
    Numeric,
    Table,
    Text,
)
from sqlalchemy.dialects.postgresql import JSONB

from services.quote.domain.quote import Status

metadata = MetaData()

_moment = DateTime(timezone=True)
_known_status = ", ".join(f"'{status}'" for status in Status)

rates = Table(
    "rates",
    metadata,
    Column("service", Text, primary_key=True),
    Column("vehicle_class", Text, primary_key=True),
    Column("title", Text, nullable=False),
    Column("labour_hours", Numeric(8, 2), CheckConstraint("labour_hours >= 0"), nullable=False),
    Column("hourly_rate", BigInteger, CheckConstraint("hourly_rate >= 0"), nullable=False),
    Column("parts", BigInteger, CheckConstraint("parts >= 0"), nullable=False),
    Column("fees", BigInteger, CheckConstraint("fees >= 0"), nullable=False),
    Column("tax_rate", Numeric(6, 5), CheckConstraint("tax_rate BETWEEN 0 AND 1"), nullable=False),
    Column("currency", Text, nullable=False),
)

quotes = Table(
    "quotes",
    metadata,
    Column("id", Text, primary_key=True),
    Column("partner_id", Text, nullable=False),
    Column("status", Text, CheckConstraint(f"status IN ({_known_status})"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("workshop_id", Text),
    Column("deal_id", Text),
    Column("external_reference", Text),
    Column("vehicle", JSONB, nullable=False),
    Column("contact", JSONB),
    Column("needed_by", _moment),
    Column("pre_authorized", BigInteger),
    Column("currency", Text, nullable=False),
    Column("rounding", Text, nullable=False),
    Column("checkout_url", Text, nullable=False),
    Column("order_id", Text),
    Column("reason", Text),
    Column("created_at", _moment, nullable=False),
    Column("expires_at", _moment, nullable=False),
    Column("estimated_completion_at", _moment, nullable=False),
    Index("quotes_of_partner", "partner_id", "id"),
    Index("quotes_of_workshop", "workshop_id", "id"),
)
Index(
    "quotes_to_expire",
    quotes.c.expires_at,
    postgresql_where=quotes.c.status.in_([Status.PENDING, Status.AWAITING_PAYMENT]),
)

quote_items = Table(
    "quote_items",
    metadata,
    Column("quote_id", ForeignKey("quotes.id"), primary_key=True),
    Column("line", Integer, primary_key=True),
    Column("id", Text, nullable=False, unique=True),
    Column("service", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("quantity", Integer, CheckConstraint("quantity > 0"), nullable=False),
    Column("notes", Text),
    Column("labour", BigInteger, nullable=False),
    Column("parts", BigInteger, nullable=False),
    Column("fees", BigInteger, nullable=False),
    Column("tax", BigInteger, nullable=False),
    Column("duration", Interval, nullable=False),
    Column("authorization", Text, nullable=False),
)

workshops = Table(
    "workshops",
    metadata,
    Column("id", Text, primary_key=True),
    Column("partner_id", Text, nullable=False),
)
"""A projection of `workshop.*`: who runs which workshop."""

deals = Table(
    "deals",
    metadata,
    Column("id", Text, primary_key=True),
    Column("partner_id", Text, nullable=False),
    Column("status", Text, nullable=False),
)
"""A projection of `deal.*`: what a quote can be attached to."""
