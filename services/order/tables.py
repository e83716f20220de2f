"""The order database: what it owns, what it keeps of others' events, and the sandbox's books."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
)
from sqlalchemy.dialects.postgresql import JSONB

from services.order.domain.order import Status
from services.order.domain.payment import Status as PaymentStatus

metadata = MetaData()

MOMENT = DateTime(timezone=True)


def _one_of(column: str, values: type[Status] | type[PaymentStatus]) -> CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=f"{column}_known")


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
    Column("paid", Boolean, nullable=False),
    Column("delayed_from", Text),
    Column("reason", Text),
    Column("sequence", BigInteger, nullable=False),
    Column("created_at", MOMENT, nullable=False),
    _one_of("status", Status),
    CheckConstraint("(status = 'delayed') = (delayed_from IS NOT NULL)", name="delayed_from_known"),
    Index("orders_partner", "partner_id", "id"),
    Index("orders_workshop", "workshop_id", "id"),
    Index("orders_workshop_account", "workshop_account", "id"),
    Index("orders_deal", "deal_id"),
)

payments = Table(
    "payments",
    metadata,
    Column("id", Text, primary_key=True),
    Column("order_id", ForeignKey("orders.id"), nullable=False),
    Column("method", Text, nullable=False),
    Column("token", Text, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("currency", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("refunded", BigInteger, nullable=False),
    Column("refund_due", BigInteger, nullable=False),
    Column("failure_code", Text),
    Column("next_action", JSONB),
    Column("sequence", BigInteger, nullable=False),
    Column("created_at", MOMENT, nullable=False),
    Column("settled_at", MOMENT),
    Column("request", LargeBinary, unique=True),
    Column("correlation_id", Text, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("next_attempt_at", MOMENT),
    _one_of("status", PaymentStatus),
    CheckConstraint("refunded + refund_due <= amount", name="no_more_back_than_paid"),
    Index("payments_order", "order_id"),
    Index(
        "payments_one_open",
        "order_id",
        unique=True,
        postgresql_where="status IN ('requires-payment', 'processing')",
    ),
    Index("payments_due", "next_attempt_at", postgresql_where="next_attempt_at IS NOT NULL"),
)

order_history = Table(
    "order_history",
    metadata,
    Column("position", BigInteger, Identity(always=True), primary_key=True),
    Column("order_id", ForeignKey("orders.id"), nullable=False),
    Column("at", MOMENT, nullable=False),
    Column("actor_client_id", Text),
    Column("actor_role", Text, nullable=False),
    Column("from_status", Text),
    Column("to_status", Text, nullable=False),
    Column("reason", Text),
    Column("changes", JSONB, nullable=False),
    Column("event_id", Text),
    Index("order_history_order", "order_id", "position"),
)

quotes = Table(
    "quotes",
    metadata,
    Column("id", Text, primary_key=True),
    Column("sequence", BigInteger, nullable=False),
    Column("partner_id", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("declined", Boolean, nullable=False),
    Column("expires_at", MOMENT, nullable=False),
    Column("terms", JSONB),
    Column("workshop_id", Text),
    Column("deal_id", Text),
    Column("external_reference", Text),
    Column("estimated_completion_at", MOMENT),
)

workshops = Table(
    "workshops",
    metadata,
    Column("id", Text, primary_key=True),
    Column("partner_id", Text, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Index("workshops_partner", "partner_id"),
)

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
