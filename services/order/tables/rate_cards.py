"""Rate cards, as the quote service tells of them."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from services.order.tables.base import metadata

rate_cards = Table(
    "rate_cards",
    metadata,
    Column("id", Text, primary_key=True),
    Column("sequence", BigInteger, nullable=False),
    Column("service", Text, nullable=False),
    Column("workshop_id", Text),
    Column("card", JSONB, nullable=False),
    Index("rate_cards_service", "service"),
)
