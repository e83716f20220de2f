"""What a workshop has and offers: resources, catalog, closures, special days."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Interval,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from services.booking.domain import workshop
from services.booking.tables.base import MOMENT, is_one_of, metadata

resources = Table(
    "resources",
    metadata,
    Column("id", Text, primary_key=True),
    Column("workshop_id", ForeignKey("workshops.id"), nullable=False),
    Column("kind", Text, is_one_of("kind", workshop.Kind), nullable=False),
    Column("name", Text, nullable=False),
    Column("skills", ARRAY(Text), nullable=False),
    Column("capacity", SmallInteger),
    Column("in_service", Boolean, nullable=False),
    Column("created_at", MOMENT, nullable=False),
    CheckConstraint("(capacity IS NOT NULL) = (kind = 'courtesy')"),
    Index("resources_of_workshop", "workshop_id", "kind", "id"),
)

catalog = Table(
    "catalog",
    metadata,
    Column("id", Text, primary_key=True),
    Column("workshop_id", ForeignKey("workshops.id"), nullable=False),
    Column("code", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("category", Text, nullable=False),
    Column("duration", Interval, nullable=False),
    Column("cost", JSONB),
    Column("icon", Text),
    Column("colour", Text),
    Column("buffer_before", Interval, nullable=False),
    Column("buffer_after", Interval, nullable=False),
    Column("resources", ARRAY(Text), nullable=False),
    Column("skills", ARRAY(Text), nullable=False),
    Column("daily_limit", SmallInteger),
    Column("created_at", MOMENT, nullable=False),
    UniqueConstraint("workshop_id", "code", name="catalog_code"),
)

closures = Table(
    "closures",
    metadata,
    Column("id", Text, primary_key=True),
    Column("workshop_id", ForeignKey("workshops.id"), nullable=False),
    Column("first_day", Date, nullable=False),
    Column("last_day", Date, nullable=False),
    Column("reason", Text),
    CheckConstraint("first_day <= last_day"),
    Index("closures_of_workshop", "workshop_id", "last_day"),
)

special_days = Table(
    "special_days",
    metadata,
    Column("workshop_id", ForeignKey("workshops.id"), nullable=False),
    Column("day", Date, nullable=False),
    Column("spans", JSONB, nullable=False),
    Column("reason", Text),
    PrimaryKeyConstraint("workshop_id", "day"),
)
