"""Which of Stripe's intents and pages is which payment: the adapter's own books."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Table, Text

from services.order.tables.base import MOMENT, metadata

stripe_intents = Table(
    "stripe_intents",
    metadata,
    Column("key", Text, primary_key=True),
    Column("token", Text, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("currency", Text, nullable=False),
    Column("stripe_id", Text, unique=True),
    Column("abandoned", Boolean, nullable=False),
    Column("created_at", MOMENT, nullable=False),
)
