"""Workshops."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, SmallInteger, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from services.booking.tables.base import MOMENT, metadata

workshops = Table(
    "workshops",
    metadata,
    Column("id", Text, primary_key=True),
    Column("partner_id", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("time_zone", Text, nullable=False),
    Column("country", Text, nullable=False),
    Column("region", Text),
    Column("hours", JSONB, nullable=False),
    Column("email", Text),
    Column("phone", Text),
    Column("slot_minutes", SmallInteger, CheckConstraint("slot_minutes > 0"), nullable=False),
    Column("aftercare", JSONB, nullable=False),
    Column("rules", JSONB, nullable=False),
    Column("embed_origins", ARRAY(Text), nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("created_at", MOMENT, nullable=False),
    Index("workshops_of_account", "partner_id", "id"),
)
