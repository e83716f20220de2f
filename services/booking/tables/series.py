"""Series of bookings."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from services.booking.tables.base import MOMENT, metadata

series = Table(
    "booking_series",
    metadata,
    Column("id", Text, primary_key=True),
    Column("partner_id", Text, nullable=False),
    Column("workshop_id", ForeignKey("workshops.id"), nullable=False),
    Column("rule", Text, nullable=False),
    Column("occurrences", JSONB, nullable=False),
    Column("created_at", MOMENT, nullable=False),
)
