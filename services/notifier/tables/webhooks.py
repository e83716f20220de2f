"""Endpoints, deliveries to them, and what came of each attempt."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY

from services.notifier.tables.base import MOMENT, QUEUED, metadata

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
    Column("workshop_ids", ARRAY(Text)),
    Column("vins", ARRAY(Text)),
    Column("headers", LargeBinary),
    Column("header_names", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    Column("payload_version", SmallInteger, nullable=False, server_default=text("1")),
    Column("warned_at", MOMENT),
    Column("failed_at", MOMENT),
    Column("status", Text, nullable=False),
    Column("failing_since", MOMENT),
    Column("disabled_at", MOMENT),
    Column("disabled_reason", Text),
    Column("sequence", BigInteger, nullable=False, server_default=text("0")),
    Column("secret", LargeBinary, nullable=False),
    Column("former_secret", LargeBinary),
    Column("former_secret_until", MOMENT),
    Column("ordered", Boolean, nullable=False, server_default=text("false")),
    Column("delivery", Text, nullable=False, server_default=text("'all'")),
    Column("rate_per_second", SmallInteger),
    Column("window", SmallInteger),
    Column("signature", Text, nullable=False, server_default=text("'v1'")),
    Column("signing_key", LargeBinary),
    Column("public_key", LargeBinary),
    Column("former_signing_key", LargeBinary),
    Column("former_public_key", LargeBinary),
    Column("created_at", MOMENT, nullable=False),
    CheckConstraint("method IN ('POST', 'PUT', 'PATCH')", name="endpoints_method"),
    CheckConstraint("status IN ('enabled', 'disabled')", name="endpoints_status"),
    CheckConstraint(
        "(former_secret IS NULL) = (former_secret_until IS NULL)", name="endpoints_former_secret"
    ),
    CheckConstraint("delivery IN ('all', 'latest')", name="endpoints_delivery"),
    CheckConstraint("rate_per_second BETWEEN 1 AND 1000", name="endpoints_rate"),
    CheckConstraint('"window" BETWEEN 1 AND 100', name="endpoints_window"),
    CheckConstraint("signature IN ('v1', 'v1a')", name="endpoints_signature"),
    CheckConstraint("signature = 'v1' OR signing_key IS NOT NULL", name="endpoints_signing_key"),
    CheckConstraint("(signing_key IS NULL) = (public_key IS NULL)", name="endpoints_public_key"),
    CheckConstraint(
        "(former_signing_key IS NULL) = (former_public_key IS NULL)", name="endpoints_former_key"
    ),
    Index("endpoints_partner", "partner_id", "id"),
    Index("endpoints_sees_all", "id", postgresql_where=text("sees_all")),
    Index("endpoints_enabled", "id", postgresql_where=text("status = 'enabled'")),
    comment="Where webhooks go, secrets are sealed (decision 7).",
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Text, primary_key=True),
    Column("partner_id", Text, nullable=False),
    Column("endpoint_id", ForeignKey("endpoints.id"), nullable=False),
    Column("event_id", ForeignKey("messages.event_id"), nullable=False),
    Column("event_type", Text, nullable=False),
    Column("replay_id", ForeignKey("replays.id")),
    Column("status", Text, nullable=False),
    Column("due_at", MOMENT, nullable=False),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("failures", Integer, nullable=False, server_default=text("0")),
    Column("last_status", SmallInteger),
    Column("sequence", BigInteger, nullable=False, server_default=text("0")),
    Column("created_at", MOMENT, nullable=False),
    Column("finished_at", MOMENT),
    # Where the endpoint's terms go by subject, as they were when it was queued.
    Column("ordering_key", Text),
    Column("ordering_sequence", BigInteger),
    Column("expires_at", MOMENT),
    UniqueConstraint(
        "endpoint_id",
        "event_id",
        "replay_id",
        name="deliveries_once",
        postgresql_nulls_not_distinct=True,
    ),
    CheckConstraint(
        "status IN ('queued', 'delivered', 'exhausted', 'canceled', 'superseded', 'expired')",
        name="deliveries_status",
    ),
    Index("deliveries_due", "endpoint_id", "due_at", "id", postgresql_where=QUEUED),
    Index("deliveries_came_due", "due_at", postgresql_where=QUEUED),
    Index(
        "deliveries_ordering",
        "endpoint_id",
        "ordering_key",
        "ordering_sequence",
        "id",
        postgresql_where=text("status = 'queued' AND ordering_key IS NOT NULL"),
    ),
    Index("deliveries_endpoint", "endpoint_id", "id"),
    Index(
        "deliveries_given_up",
        "endpoint_id",
        "id",
        postgresql_where=text("status IN ('exhausted', 'canceled')"),
    ),
    Index("deliveries_event", "event_id"),
    Index(
        "deliveries_replay",
        "replay_id",
        "status",
        postgresql_where=text("replay_id IS NOT NULL"),
    ),
    comment="One event on its way to one endpoint.",
)

workers = Table(
    "workers",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("alive_until", MOMENT, nullable=False),
    comment="Processes that send, each until its lease ends by the database's clock.",
)

lanes = Table(
    "lanes",
    metadata,
    Column("endpoint_id", ForeignKey("endpoints.id", ondelete="CASCADE"), primary_key=True),
    Column("worker_id", ForeignKey("workers.id", ondelete="CASCADE"), nullable=False),
    Index("lanes_worker", "worker_id"),
    comment="The one worker that sends to an endpoint, one without is anybody's.",
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
