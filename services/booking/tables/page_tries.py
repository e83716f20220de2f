"""How often visitors of the booking page try to change something."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, LargeBinary, PrimaryKeyConstraint, Table, Text

from services.booking.tables.base import MOMENT, metadata

page_tries = Table(
    "page_tries",
    metadata,
    Column("visitor", LargeBinary, nullable=False),
    Column("what", Text, nullable=False),
    Column("since", MOMENT, nullable=False),
    Column("count", Integer, nullable=False),
    PrimaryKeyConstraint("visitor", "what"),
    Index("page_tries_since", "since"),
)
