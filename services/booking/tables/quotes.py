"""What is kept of quotes."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from services.booking.tables.base import metadata

quotes = Table(
    "quotes",
    metadata,
    Column("id", Text, primary_key=True),
    Column("partner_id", Text, nullable=False),
    Column("workshop_id", Text),
    Column("status", Text, nullable=False),
    Column("services", JSONB, nullable=False),
    Column("sequence", BigInteger, nullable=False),
)
