"""The notifier's own tables."""

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
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY

metadata = MetaData()

MOMENT = DateTime(timezone=True)

partners = Table(
    "partners",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("email", Text, nullable=False),
    Column("roles", ARRAY(Text), nullable=False),
    Column("active", Boolean, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    comment="From partner.events: whom to write to, and who may see everything.",
)

workshops = Table(
    "workshops",
    metadata,
    Column("id", Text, primary_key=True),
    Column("partner_id", Text, nullable=False, index=True),
    Column("sequence", BigInteger, nullable=False),
    comment="From booking.events: the account that runs a workshop.",
)

messages = Table(
    "messages",
    metadata,
    Column("event_id", Text, primary_key=True),
    Column("position", BigInteger, Identity(always=True), nullable=False, unique=True),
    Column("type", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("partner_id", Text, nullable=False),
    Column("workshop_id", Text),
    Column("time", MOMENT, nullable=False),
    # Text: what is signed stays the same to the byte.
    Column("data", Text, nullable=False),
    Column("test", Boolean, nullable=False, server_default=text("false")),
    Column("received_at", MOMENT, nullable=False),
    Index("messages_partner", "partner_id", "position"),
    Index(
        "messages_workshop",
        "workshop_id",
        "position",
        postgresql_where=text("workshop_id IS NOT NULL"),
    ),
    Index("messages_received_at", "received_at", postgresql_using="brin"),
    comment="Every event as it was received, in that order, and the bodies of test deliveries.",
)

endpoints = Table(
    "endpoints",
    metadata,
    Column("id", Text, primary_key=True),
    Column("partner_id", Text, nullable=False),
    Column("sees_all", Boolean, nullable=False),
    Column("url", Text, nullable=False),
    Column("method", Text, nullable=False),
    Column("events", ARRAY(Text), nullable=False),
    Column("description", Text),
    Column("status", Text, nullable=False),
    Column("failing_since", MOMENT),
    Column("disabled_at", MOMENT),
    Column("disabled_reason", Text),
    Column("sequence", BigInteger, nullable=False, server_default=text("0")),
    Column("secret", LargeBinary, nullable=False),
    Column("former_secret", LargeBinary),
    Column("former_secret_until", MOMENT),
    Column("created_at", MOMENT, nullable=False),
    CheckConstraint("method IN ('POST', 'PUT', 'PATCH')", name="endpoints_method"),
    CheckConstraint("status IN ('enabled', 'disabled')", name="endpoints_status"),
    CheckConstraint(
        "(former_secret IS NULL) = (former_secret_until IS NULL)", name="endpoints_former_secret"
    ),
    Index("endpoints_partner", "partner_id", "id"),
    Index("endpoints_enabled", "id", postgresql_where=text("status = 'enabled'")),
    comment="Where webhooks go, secrets are sealed (decision 7).",
)

_QUEUED = text("status = 'queued'")

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Text, primary_key=True),
    Column("partner_id", Text, nullable=False),
    Column("endpoint_id", ForeignKey("endpoints.id"), nullable=False),
    Column("event_id", ForeignKey("messages.event_id"), nullable=False),
    Column("event_type", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("due_at", MOMENT, nullable=False),
    Column("lease", Uuid),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("failures", Integer, nullable=False, server_default=text("0")),
    Column("last_status", SmallInteger),
    Column("sequence", BigInteger, nullable=False, server_default=text("0")),
    Column("created_at", MOMENT, nullable=False),
    Column("finished_at", MOMENT),
    UniqueConstraint("endpoint_id", "event_id", name="deliveries_once"),
    CheckConstraint(
        "status IN ('queued', 'delivered', 'exhausted', 'canceled')", name="deliveries_status"
    ),
    CheckConstraint("lease IS NULL OR status = 'queued'", name="deliveries_lease"),
    Index("deliveries_due", "endpoint_id", "due_at", postgresql_where=_QUEUED),
    Index("deliveries_leased", "endpoint_id", postgresql_where=text("lease IS NOT NULL")),
    Index("deliveries_endpoint", "endpoint_id", "id"),
    Index("deliveries_event", "event_id"),
    comment="One event on its way to one endpoint, a lease holds it until `due_at`.",
)

attempts = Table(
    "attempts",
    metadata,
    Column("id", Text, primary_key=True),
    Column("delivery_id", ForeignKey("deliveries.id", ondelete="CASCADE"), nullable=False),
    Column("started_at", MOMENT, nullable=False),
    Column("duration_ms", Integer, nullable=False),
    Column("status", SmallInteger),
    Column("error", Text),
    Column("answer", LargeBinary, nullable=False),
    Index("attempts_delivery", "delivery_id", "id"),
    comment="What came of each request, the answer's first 20 kB.",
)

emails = Table(
    "emails",
    metadata,
    Column("id", Text, primary_key=True),
    Column("event_id", ForeignKey("messages.event_id"), nullable=False, unique=True),
    Column("recipient", Text),
    Column("status", Text, nullable=False),
    Column("due_at", MOMENT, nullable=False),
    Column("lease", Uuid),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("error", Text),
    Column("created_at", MOMENT, nullable=False),
    Column("finished_at", MOMENT),
    CheckConstraint("status IN ('queued', 'sent', 'failed')", name="emails_status"),
    Index("emails_due", "due_at", postgresql_where=_QUEUED),
    comment="One mail an event at most, without a recipient it goes to the partner's address.",
)
