"""What a quote was before it was revised."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Integer, Table
from sqlalchemy.dialects.postgresql import JSONB

from services.quote.tables.base import MOMENT, metadata

quote_versions = Table(
    "quote_versions",
    metadata,
    Column("quote_id", ForeignKey("quotes.id"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("superseded_at", MOMENT, nullable=False),
    Column("shown", JSONB, nullable=False),
)
"""Each version that a later one took the place of, as everybody was shown it; never changed."""
