"""What a workshop has and offers: resources, catalog, closures."""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Interval,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import JSONB

from services.booking.domain import workshop
from services.booking.tables.base import MOMENT, is_one_of, metadata

resources = Table(
    "resources",
    metadata,
    Column("id", Text, primary_key=True),
    Column("workshop_id", ForeignKey("workshops.id"), nullable=False),
    Column("kind", Text, is_one_of("kind", workshop.Kind), nullable=False),
    Column("name", Text, nullable=False),
    Column("created_at", MOMENT, nullable=False),
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
