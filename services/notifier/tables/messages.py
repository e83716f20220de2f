"""Every event as it was received."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Identity,
    Index,
    Table,
    Text,
    text,
)

from services.notifier.tables.base import MOMENT, metadata

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
    Column("vin", Text),
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
    Index("messages_subject", "subject", "position"),
    Index("messages_vin", "vin", "position", postgresql_where=text("vin IS NOT NULL")),
    Index("messages_received_at", "received_at", postgresql_using="brin"),
    comment="Every event as it was received, in that order, and the bodies of test deliveries.",
)
