"""Customers, each a contact of one partner's."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Table, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB

from services.booking.tables.base import MOMENT, metadata

opt_outs = Table(
    "opt_outs",
    metadata,
    Column("partner_id", Text, primary_key=True),
    Column("address_sha256", Text, primary_key=True),
)

customers = Table(
    "customers",
    metadata,
    Column("id", Text, primary_key=True),
    Column("partner_id", Text, nullable=False),
    Column("contact", Text, nullable=False),
    Column("customer", JSONB, nullable=False),
    Column("time_zone", Text),
    Column("accepts_reminders", Boolean, nullable=False),
    Column("created_at", MOMENT, nullable=False),
    UniqueConstraint("partner_id", "contact", name="customers_contact"),
)
