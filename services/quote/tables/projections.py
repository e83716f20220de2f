"""What this service keeps of others' events."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Interval, Table, Text

from services.quote.tables.base import metadata

workshops = Table(
    "workshops",
    metadata,
    Column("id", Text, primary_key=True),
    Column("partner_id", Text, nullable=False),
    Column("country", Text),
    Column("region", Text),
)
"""A projection of `workshop.*`: who runs which workshop, and whose taxes it has."""

deals = Table(
    "deals",
    metadata,
    Column("id", Text, primary_key=True),
    Column("partner_id", Text, nullable=False),
    Column("status", Text, nullable=False),
)
"""A projection of `deal.*`: what a quote can be attached to."""

workloads = Table(
    "workloads",
    metadata,
    Column("order_id", Text, primary_key=True),
    Column("workshop_id", Text, nullable=False),
    Column("open", Boolean, nullable=False),
    Column("work", Interval, nullable=False),
    Column("sequence", BigInteger, nullable=False),
)
"""A projection of `service.*`: what each workshop has to do, and for how long."""

Index(
    "workloads_of_workshop",
    workloads.c.workshop_id,
    postgresql_where=workloads.c.open,
    postgresql_include=["work"],
)
