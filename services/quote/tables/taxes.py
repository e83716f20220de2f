"""The taxes of countries and regions, each for its time."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Integer, Numeric, Table, Text, func
from sqlalchemy.dialects.postgresql import ExcludeConstraint

from services.quote.tables.base import MOMENT, metadata

taxes = Table(
    "taxes",
    metadata,
    Column("jurisdiction", Text, primary_key=True),
    Column("line", Integer, primary_key=True),
    Column("name", Text, nullable=False),
    Column("tax_rate", Numeric, CheckConstraint("tax_rate BETWEEN 0 AND 1"), nullable=False),
    Column("rounding", Text, nullable=False),
    Column("valid_from", MOMENT),
    Column("valid_until", MOMENT),
    CheckConstraint("valid_from < valid_until"),
)
taxes.append_constraint(
    ExcludeConstraint(
        (taxes.c.jurisdiction, "="),
        (taxes.c.name, "="),
        (func.tstzrange(taxes.c.valid_from, taxes.c.valid_until), "&&"),
        name="one_tax_at_a_time",
        using="gist",
    )
)
