"""What each service costs."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Column, Numeric, Table, Text

from services.quote.tables.base import metadata

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
