"""Invoices, what was taken back of them, and their numbers."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
)
from sqlalchemy.dialects.postgresql import JSONB

from services.order.domain.invoice import Means, Status
from services.order.tables.base import MOMENT, metadata, one_of

invoices = Table(
    "invoices",
    metadata,
    Column("id", Text, primary_key=True),
    Column("partner_id", Text, nullable=False),
    Column("order_id", ForeignKey("orders.id")),
    Column("deal_id", Text),
    Column("currency", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("contact", JSONB),
    Column("number", Text),
    Column("due_on", Date),
    Column("seller", JSONB),
    Column("buyer", JSONB),
    Column("document_key", Text),
    Column("issued_at", MOMENT),
    Column("means", Text),
    Column("payment_id", Text),
    Column("payment_reference", Text),
    Column("paid_at", MOMENT),
    Column("reason", Text),
    Column("rolled_into", ForeignKey("invoices.id")),
    Column("sequence", BigInteger, nullable=False),
    Column("created_at", MOMENT, nullable=False),
    one_of("status", Status),
    one_of("means", Means),
    CheckConstraint("(number IS NULL) = (issued_at IS NULL)", name="numbered_when_issued"),
    CheckConstraint("status NOT IN ('open', 'paid') OR number IS NOT NULL", name="open_has_number"),
    CheckConstraint("(status = 'paid') = (paid_at IS NOT NULL)", name="paid_at_known"),
    Index("invoices_partner", "partner_id", "id"),
    Index("invoices_deal", "deal_id"),
    Index("invoices_order", "order_id", "id"),
    Index("invoices_number", "number", unique=True),
    Index(
        "invoices_one_final",
        "deal_id",
        unique=True,
        postgresql_where="order_id IS NULL",
    ),
)

invoice_lines = Table(
    "invoice_lines",
    metadata,
    Column("invoice_id", ForeignKey("invoices.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("order_id", ForeignKey("orders.id"), nullable=False),
    Column("item_id", Text, nullable=False),
    Column("event_id", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("quantity", Integer, nullable=False),
    Column("price", BigInteger, nullable=False),
    Column("tax", BigInteger, nullable=False),
    Column("credited_price", BigInteger, nullable=False),
    Column("credited_tax", BigInteger, nullable=False),
    Column("taxes", JSONB, nullable=False),
    CheckConstraint("credited_price <= price AND credited_tax <= tax", name="no_more_than_charged"),
    Index("invoice_lines_order", "order_id"),
)

credit_notes = Table(
    "credit_notes",
    metadata,
    Column("id", Text, primary_key=True),
    Column("invoice_id", ForeignKey("invoices.id"), nullable=False),
    Column("number", Text, nullable=False, unique=True),
    Column("reason", Text, nullable=False),
    Column("created_at", MOMENT, nullable=False),
    Index("credit_notes_invoice", "invoice_id", "id"),
)

credit_note_lines = Table(
    "credit_note_lines",
    metadata,
    Column("credit_note_id", ForeignKey("credit_notes.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("price", BigInteger, nullable=False),
    Column("tax", BigInteger, nullable=False),
)

invoice_series = Table(
    "invoice_series",
    metadata,
    Column("partner_id", Text, primary_key=True),
    Column("series", Text, primary_key=True),
    Column("last", BigInteger, nullable=False),
)
"""The last number that each partner's series gave: locked until whoever took it has committed."""
