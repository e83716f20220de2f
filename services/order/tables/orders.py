"""Orders and every change of them."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Table,
    Text,
)
from sqlalchemy.dialects.postgresql import JSONB

from services.order.domain.order import Status
from services.order.tables.base import MOMENT, metadata, one_of

_NOBODYS = "workshop_id IS NULL AND workshop_account IS NULL AND sequence > 0"

orders = Table(
    "orders",
    metadata,
    Column("id", Text, primary_key=True),
    Column("partner_id", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("quote_id", Text, unique=True),
    Column("quote_version", Integer),
    Column("workshop_id", Text),
    Column("workshop_account", Text),
    Column("deal_id", Text),
    Column("external_reference", Text),
    Column("terms", JSONB, nullable=False),
    Column("estimated_completion_at", MOMENT),
    Column("completed_at", MOMENT),
    Column("supplements", JSONB, nullable=False),
    Column("amount_paid", BigInteger, nullable=False),
    Column("attachments", Integer, nullable=False),
    Column("paid", Boolean, nullable=False),
    Column("payment_method", Text),
    Column("vin", Text),
    Column("plate", Text),
    Column("delayed_from", Text),
    Column("reason", Text),
    Column("sequence", BigInteger, nullable=False),
    Column("created_at", MOMENT, nullable=False),
    one_of("status", Status),
    CheckConstraint("(status = 'delayed') = (delayed_from IS NOT NULL)", name="delayed_from_known"),
    Index("orders_partner", "partner_id", "id"),
    Index("orders_workshop", "workshop_id", "id"),
    Index("orders_workshop_account", "workshop_account", "id"),
    Index("orders_deal", "deal_id"),
    Index("orders_vin", "vin", "id"),
    Index("orders_plate", "plate", "id"),
    Index("orders_external_reference", "external_reference", "id"),
    Index("orders_partner_created", "partner_id", "created_at"),
    Index("orders_partner_status", "partner_id", "status", "id"),
    Index("orders_workshop_status", "workshop_id", "status", "id"),
    Index("orders_status", "status", "id"),
    Index("orders_created", "created_at"),
    Index("orders_nobodys", "id", postgresql_where=_NOBODYS),
    Index("orders_nobodys_status", "status", "id", postgresql_where=_NOBODYS),
)

order_history = Table(
    "order_history",
    metadata,
    Column("position", BigInteger, Identity(always=True), primary_key=True),
    Column("order_id", ForeignKey("orders.id"), nullable=False),
    Column("at", MOMENT, nullable=False),
    Column("effective_at", MOMENT, nullable=False),
    Column("actor_client_id", Text),
    Column("actor_role", Text, nullable=False),
    Column("from_status", Text),
    Column("to_status", Text, nullable=False),
    Column("reason", Text),
    Column("changes", JSONB, nullable=False),
    Column("event_id", Text),
    Index("order_history_order", "order_id", "position"),
    Index("order_history_effective", "effective_at"),
)
