"""Who issues invoices, and to whom they are made out."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, Identity, Integer, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from services.order.tables.base import MOMENT, metadata

issuer = Table(
    "issuer",
    metadata,
    Column("one", Boolean, primary_key=True, server_default="true"),
    Column("name", Text, nullable=False),
    Column("details", JSONB, nullable=False),
    Column("invoice_prefix", Text, nullable=False),
    Column("credit_note_prefix", Text, nullable=False),
    Column("due_days", Integer, nullable=False),
    Column("time_zone", Text, nullable=False),
    Column("bank_account", Text),
    Column("updated_at", MOMENT),
    CheckConstraint("one", name="one_issuer"),
)

billing_accounts = Table(
    "billing_accounts",
    metadata,
    Column("partner_id", Text, primary_key=True),
    # It makes a partner's numbers differ from every other's.
    Column("customer_number", Integer, Identity(always=True), nullable=False, unique=True),
    Column("details", JSONB),
    Column("updated_at", MOMENT),
    Column("name", Text),
    Column("email", Text),
    Column("sequence", BigInteger, nullable=False, server_default="0"),
)
"""A partner's billing details; name, email and sequence are a projection of `partner.*`."""
