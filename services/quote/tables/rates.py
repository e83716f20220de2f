"""What each service costs: cards, their versions, and the rates of each version."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    Numeric,
    Table,
    Text,
    UniqueConstraint,
    func,
)
from sqlalchemy.dialects.postgresql import ExcludeConstraint

from services.quote.tables.base import MOMENT, metadata

cards = Table(
    "rate_cards",
    metadata,
    Column("id", Text, primary_key=True),
    Column("service", Text, nullable=False),
    Column("workshop_id", Text),
    Column("version", Integer, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("told_at", MOMENT),
    UniqueConstraint("service", "workshop_id", postgresql_nulls_not_distinct=True),
)
"""Which version of a card holds; `told_at` is null while its event is owed."""

Index("rate_cards_of_workshop", cards.c.workshop_id, cards.c.service)

versions = Table(
    "rate_card_versions",
    metadata,
    Column("card_id", ForeignKey("rate_cards.id"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("title", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("rounding", Text, nullable=False),
    Column("recorded_at", MOMENT, nullable=False),
    Column("recorded_by", Text),
)
"""Each version as it was recorded; never changed."""

rates = Table(
    "rates",
    metadata,
    Column("card_id", Text, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("line", Integer, primary_key=True),
    Column("vehicle_class", Text, nullable=False),
    Column("labour_hours", Numeric(8, 2), CheckConstraint("labour_hours >= 0"), nullable=False),
    Column("hourly_rate", BigInteger, CheckConstraint("hourly_rate >= 0"), nullable=False),
    Column("parts", BigInteger, CheckConstraint("parts >= 0"), nullable=False),
    Column("sublet", BigInteger, CheckConstraint("sublet >= 0"), nullable=False),
    Column("fees", BigInteger, CheckConstraint("fees >= 0"), nullable=False),
    Column("discount", BigInteger, CheckConstraint("discount >= 0"), nullable=False),
    Column("tax_rate", Numeric, CheckConstraint("tax_rate BETWEEN 0 AND 1"), nullable=False),
    Column("own_tax", Boolean, nullable=False),
    Column("by_person", Boolean, nullable=False),
    Column("valid_from", MOMENT),
    Column("valid_until", MOMENT),
    CheckConstraint("valid_from < valid_until"),
    ForeignKeyConstraint(
        ["card_id", "version"], ["rate_card_versions.card_id", "rate_card_versions.version"]
    ),
)
rates.append_constraint(
    ExcludeConstraint(
        (rates.c.card_id, "="),
        (rates.c.version, "="),
        (rates.c.vehicle_class, "="),
        (func.tstzrange(rates.c.valid_from, rates.c.valid_until), "&&"),
        name="one_rate_at_a_time",
        using="gist",
    )
)
