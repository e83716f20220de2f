"""Erasures: the record of each is the proof of it."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, Integer, Table, Text, text
from sqlalchemy.dialects.postgresql import ARRAY

from services.notifier.tables.base import MOMENT, metadata

erased_subjects = Table(
    "erased_subjects",
    metadata,
    Column("subject", Text, primary_key=True),
    comment="Whose customer was erased, what is told of these later is erased as well.",
)

erasures = Table(
    "erasures",
    metadata,
    Column("id", Text, primary_key=True),
    Column("keys", ARRAY(Text), nullable=False),
    Column("keys_hash", Text, nullable=False),
    Column("requested_by", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("passes", Integer, nullable=False),
    Column("found", Integer, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("digest", Text, nullable=False),
    *(
        Column(name, Integer, nullable=False, server_default=text("0"))
        for name in (
            "messages",
            "deliveries",
            "attempts",
            "emails",
            "texts",
            "replays",
            "parked",
        )
    ),
    Column("created_at", MOMENT, nullable=False),
    Column("finished_at", MOMENT),
    CheckConstraint("status IN ('running', 'finished')", name="erasures_status"),
    # Whom it was about is known only as long as the work needs it.
    CheckConstraint("status = 'running' OR keys = '{}'", name="erasures_forget"),
    Index("erasures_running", "id", postgresql_where=text("status = 'running'")),
    comment="What was erased, how much, and when, never of whom.",
)
