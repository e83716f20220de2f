"""The sandbox provider's books, which are another company's."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Table, Text

from services.order.tables.base import MOMENT, metadata

sandbox_charges = Table(
    "sandbox_charges",
    metadata,
    Column("key", Text, primary_key=True),
    Column("token", Text, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("currency", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("succeeds_at", MOMENT),
    Column("created_at", MOMENT, nullable=False),
)

sandbox_refunds = Table(
    "sandbox_refunds",
    metadata,
    Column("key", Text, primary_key=True),
    Column("charge_key", ForeignKey("sandbox_charges.key"), nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("currency", Text, nullable=False),
    Column("created_at", MOMENT, nullable=False),
)
