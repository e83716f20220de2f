"""What the reports count: of each booking, what its latest event said."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Date, Index, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from services.booking.tables.base import metadata

reported_bookings = Table(
    "reported_bookings",
    metadata,
    Column("booking_id", Text, primary_key=True),
    Column("sequence", BigInteger, nullable=False),
    Column("partner_id", Text, nullable=False),
    Column("workshop_id", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("no_show", Boolean, nullable=False),
    Column("day", Date, nullable=False),
    Column("amounts", JSONB, nullable=False),
    Index("reported_bookings_of_partner", "partner_id", "day"),
)
