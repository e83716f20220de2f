"""What this service keeps of others' events."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from services.order.tables.base import MOMENT, metadata

quotes = Table(
    "quotes",
    metadata,
    Column("id", Text, primary_key=True),
    Column("sequence", BigInteger, nullable=False),
    Column("partner_id", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("declined", Boolean, nullable=False),
    Column("expires_at", MOMENT, nullable=False),
    Column("terms", JSONB),
    Column("workshop_id", Text),
    Column("deal_id", Text),
    Column("external_reference", Text),
    Column("estimated_completion_at", MOMENT),
    Index("quotes_deal", "deal_id", postgresql_where="deal_id IS NOT NULL"),
)

workshops = Table(
    "workshops",
    metadata,
    Column("id", Text, primary_key=True),
    Column("partner_id", Text, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("country", Text),
    Column("region", Text),
    Column("time_zone", Text),
    Column("hours", JSONB),
    Column("special_days", JSONB),
    Column("closures", JSONB),
    Index("workshops_partner", "partner_id"),
)
