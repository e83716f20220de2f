"""What is attached to orders: rows here, contents on the shelf."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Index, Table, Text

from services.order.tables.base import MOMENT, metadata

attachments = Table(
    "attachments",
    metadata,
    Column("id", Text, primary_key=True),
    Column("order_id", ForeignKey("orders.id"), nullable=False),
    Column("state", Text, nullable=False),
    Column("filename", Text, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("note", Text),
    Column("account", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("created_at", MOMENT, nullable=False),
    CheckConstraint("state IN ('arriving', 'stored', 'leaving')", name="state_known"),
    Index("attachments_order", "order_id", "id"),
    Index("attachments_to_sweep", "created_at", postgresql_where="state <> 'stored'"),
)
