"""Mails."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    Uuid,
    text,
)

from services.notifier.tables.base import MOMENT, QUEUED, metadata

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
    Column("erased", Boolean, nullable=False, server_default=text("false")),
    CheckConstraint(
        "status IN ('queued', 'sent', 'failed', 'suppressed', 'erased')", name="emails_status"
    ),
    Index("emails_due", "due_at", postgresql_where=QUEUED),
    comment="One mail an event at most, without a recipient it goes to the partner's address.",
)
