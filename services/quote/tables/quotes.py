"""Quotes and their lines."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    Interval,
    Table,
    Text,
    and_,
    false,
)
from sqlalchemy.dialects.postgresql import JSONB

from services.quote.domain.authorization import Authorization
from services.quote.domain.lifecycle import Status
from services.quote.tables.base import MOMENT, metadata


def _one_of(column: str, values: type[StrEnum]) -> str:
    known = ", ".join(f"'{value}'" for value in values)
    return f'"{column}" IN ({known})'


quotes = Table(
    "quotes",
    metadata,
    Column("id", Text, primary_key=True),
    Column("partner_id", Text, nullable=False),
    Column("status", Text, CheckConstraint(_one_of("status", Status)), nullable=False),
    Column("version", Integer, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("workshop_id", Text),
    Column("deal_id", Text),
    Column("external_reference", Text),
    Column("vehicle", JSONB, nullable=False),
    Column("contact", JSONB),
    Column("needed_by", MOMENT),
    Column("pre_authorized", BigInteger),
    Column("currency", Text, nullable=False),
    Column("rounding", Text, nullable=False),
    Column("checkout_url", Text, nullable=False),
    Column("order_id", Text),
    Column("ordered_version", Integer),
    Column("booking_id", Text),
    Column("reason", Text),
    Column("created_at", MOMENT, nullable=False),
    Column("expires_at", MOMENT, nullable=False),
    Column("estimated_completion_at", MOMENT),
    Column("workshop_account", Text),
    Index("quotes_of_partner", "partner_id", "id"),
    Index("quotes_of_workshop", "workshop_id", "id"),
)
Index(
    "quotes_of_workshop_account",
    quotes.c.workshop_account,
    quotes.c.id,
    postgresql_where=quotes.c.workshop_account.is_not(None),
)
Index(
    "quotes_for_any_workshop",
    quotes.c.id,
    postgresql_where=and_(quotes.c.status == Status.PENDING, quotes.c.workshop_id.is_(None)),
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
    Column("labour", BigInteger),
    Column("parts", BigInteger),
    Column("sublet", BigInteger, server_default="0"),
    Column("fees", BigInteger),
    Column("discount", BigInteger, server_default="0"),
    Column("tax", BigInteger),
    Column("duration", Interval, nullable=False),
    Column(
        "authorization",
        Text,
        CheckConstraint(_one_of("authorization", Authorization)),
        nullable=False,
    ),
    Column("consent", JSONB),
    Column("fault", JSONB),
    Column("by_person", Boolean, nullable=False, server_default=false()),
    Column("basis", JSONB),
    CheckConstraint("num_nulls(labour, parts, sublet, fees, discount, tax) IN (0, 6)"),
)
