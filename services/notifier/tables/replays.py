"""Replays."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY

from services.notifier.tables.base import MOMENT, metadata

_RUNNING = text("status = 'running'")

replays = Table(
    "replays",
    metadata,
    Column("id", Text, primary_key=True),
    Column("partner_id", Text, nullable=False),
    Column("endpoint_id", ForeignKey("endpoints.id"), nullable=False),
    Column("types", ARRAY(Text)),
    Column("subject", Text),
    Column("vin", Text),
    Column("workshop_id", Text),
    Column("since", MOMENT),
    Column("until", MOMENT),
    Column("rate", Integer, nullable=False),
    Column("status", Text, nullable=False),
    Column("reason", Text),
    Column("total", Integer, nullable=False),
    Column("queued", Integer, nullable=False, server_default=text("0")),
    Column("position", BigInteger, nullable=False, server_default=text("0")),
    Column("until_position", BigInteger, nullable=False),
    Column("due_at", MOMENT, nullable=False),
    Column("created_at", MOMENT, nullable=False),
    Column("finished_at", MOMENT),
    CheckConstraint("status IN ('running', 'finished', 'stopped')", name="replays_status"),
    CheckConstraint("rate > 0", name="replays_rate"),
    Index("replays_due", "due_at", postgresql_where=_RUNNING),
    Index("replays_one_at_a_time", "endpoint_id", unique=True, postgresql_where=_RUNNING),
    Index("replays_endpoint", "endpoint_id", "id"),
    comment="Events to be sent again, a worker goes on from `position`.",
)
