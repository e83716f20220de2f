"""What is kept of others: accounts, and workshops."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Table,
    Text,
)
from sqlalchemy.dialects.postgresql import ARRAY

from services.notifier.tables.base import metadata

partners = Table(
    "partners",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("email", Text, nullable=False),
    Column("roles", ARRAY(Text), nullable=False),
    Column("active", Boolean, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    comment="From partner.events: whom to write to, and who may see everything.",
)

workshops = Table(
    "workshops",
    metadata,
    Column("id", Text, primary_key=True),
    Column("partner_id", Text, nullable=False, index=True),
    Column("sequence", BigInteger, nullable=False),
    comment="From booking.events: the account that runs a workshop.",
)
