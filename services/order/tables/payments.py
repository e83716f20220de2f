"""Payments, each an attempt to pay for one order or one invoice."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
)
from sqlalchemy.dialects.postgresql import JSONB

from services.order.domain.payment import Status
from services.order.tables.base import MOMENT, metadata, one_of

payments = Table(
    "payments",
    metadata,
    Column("id", Text, primary_key=True),
    Column("order_id", ForeignKey("orders.id")),
    Column("invoice_id", ForeignKey("invoices.id")),
    Column("method", Text, nullable=False),
    Column("token", Text, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("currency", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("refunded", BigInteger, nullable=False),
    Column("refund_due", BigInteger, nullable=False),
    Column("refunds", JSONB, nullable=False),
    Column("failure_code", Text),
    Column("next_action", JSONB),
    Column("sequence", BigInteger, nullable=False),
    Column("created_at", MOMENT, nullable=False),
    Column("settled_at", MOMENT),
    Column("request", LargeBinary, unique=True),
    Column("correlation_id", Text, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("next_attempt_at", MOMENT),
    one_of("status", Status),
    CheckConstraint("refunded + refund_due <= amount", name="no_more_back_than_paid"),
    CheckConstraint("(order_id IS NULL) <> (invoice_id IS NULL)", name="of_an_order_or_an_invoice"),
    Index("payments_order", "order_id"),
    Index("payments_invoice", "invoice_id", postgresql_where="invoice_id IS NOT NULL"),
    Index(
        "payments_one_open",
        "order_id",
        unique=True,
        postgresql_where="status IN ('requires-payment', 'processing')",
    ),
    Index(
        "payments_one_open_of_invoice",
        "invoice_id",
        unique=True,
        postgresql_where="status IN ('requires-payment', 'processing')",
    ),
    Index("payments_due", "next_attempt_at", postgresql_where="next_attempt_at IS NOT NULL"),
)
