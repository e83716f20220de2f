"""Reminders."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from services.booking.domain import aftercare
from services.booking.tables.base import MOMENT, is_one_of, metadata

reminders = Table(
    "reminders",
    metadata,
    Column("id", Text, primary_key=True),
    Column("partner_id", Text, nullable=False),
    Column("workshop_id", ForeignKey("workshops.id"), nullable=False),
    Column("booking_id", ForeignKey("bookings.id"), unique=True),
    Column("status", Text, is_one_of("status", aftercare.Status), nullable=False),
    Column("due_at", MOMENT, nullable=False),
    Column("code", Text, nullable=False, unique=True),
    Column("customer", JSONB, nullable=False),
    Column("car", JSONB),
    Column("skip_notification", Boolean, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("created_at", MOMENT, nullable=False),
    Column("customer_id", ForeignKey("customers.id")),
    Column("due_kilometres", Integer),
    Column("rebooking_id", ForeignKey("bookings.id")),
)
Index(
    "reminders_scheduled",
    reminders.c.due_at,
    postgresql_where=reminders.c.status == aftercare.Status.SCHEDULED,
)
# Asked by the foreign key, for each hold that is forgotten.
Index(
    "reminders_rebooked",
    reminders.c.rebooking_id,
    postgresql_where=reminders.c.rebooking_id.is_not(None),
)
