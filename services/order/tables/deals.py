"""Deals."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from services.order.domain.deal import Status
from services.order.tables.base import MOMENT, metadata, one_of

deals = Table(
    "deals",
    metadata,
    Column("id", Text, primary_key=True),
    Column("partner_id", Text, nullable=False),
    Column("reference", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("contact", JSONB),
    Column("sequence", BigInteger, nullable=False),
    Column("created_at", MOMENT, nullable=False),
    Column("closed_at", MOMENT),
    one_of("status", Status),
    CheckConstraint("(status = 'closed') = (closed_at IS NOT NULL)", name="closed_at_known"),
    Index("deals_partner", "partner_id", "id"),
)
