"""Mails and text messages, how they look, and who isn't written to."""

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
    UniqueConstraint,
    Uuid,
    func,
    text,
)

from services.notifier.tables.base import MOMENT, QUEUED, metadata

emails = Table(
    "emails",
    metadata,
    Column("id", Text, primary_key=True),
    Column("event_id", ForeignKey("messages.event_id"), nullable=False),
    Column("channel", Text, nullable=False, server_default=text("'mail'")),
    Column("about", Text),
    Column("recipient", Text),
    Column("status", Text, nullable=False),
    Column("due_at", MOMENT, nullable=False),
    Column("lease", Uuid),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("unsettled", Integer, nullable=False, server_default=text("0")),
    Column("error", Text),
    Column("created_at", MOMENT, nullable=False),
    Column("finished_at", MOMENT),
    Column("erased", Boolean, nullable=False, server_default=text("false")),
    # Whose hour it counts for, unless it goes to the account itself.
    Column("partner_id", Text),
    UniqueConstraint("event_id", "channel", name="emails_once"),
    CheckConstraint("channel IN ('mail', 'text')", name="emails_channel"),
    CheckConstraint(
        "status IN ('queued', 'sent', 'failed', 'suppressed', 'erased')", name="emails_status"
    ),
    Index("emails_due", "due_at", postgresql_where=QUEUED),
    Index(
        "emails_recipient",
        func.lower(text("recipient")),
        "finished_at",
        postgresql_where=text("status = 'sent'"),
    ),
    Index("emails_sent_for", "partner_id", "finished_at", postgresql_where=text("status = 'sent'")),
    Index("emails_waiting_for", "partner_id", "due_at", postgresql_where=QUEUED),
    Index("emails_address", func.lower(text("recipient"))),
    Index("emails_about", "about", "created_at", postgresql_where=text("about IS NOT NULL")),
    comment="One mail or text message an event, without a recipient it goes to the account.",
)

brands = Table(
    "brands",
    metadata,
    Column("partner_id", Text, primary_key=True),
    Column("name", Text),
    Column("colour", Text),
    Column("logo_url", Text),
    Column("reply_to", Text),
    Column("language", Text, nullable=False),
    Column("texts", Boolean, nullable=False),
    Column("updated_at", MOMENT, nullable=False),
    comment="How an account's mails look, and in which language they are.",
)

suppressions = Table(
    "suppressions",
    metadata,
    Column("address", Text, primary_key=True),
    Column("reason", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("created_at", MOMENT, nullable=False),
    CheckConstraint("reason IN ('refused', 'bounced')", name="suppressions_reason"),
    comment="Addresses that are not there, in lower case.",
)

opt_outs = Table(
    "opt_outs",
    metadata,
    Column("partner_id", Text, primary_key=True),
    Column("address_hash", Text, primary_key=True),
    Column("created_at", MOMENT, nullable=False),
    comment="Who wants no reminders of an account's, outlives an erasure as a hash.",
)
