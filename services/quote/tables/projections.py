"""What this service keeps of others' events."""

from __future__ import annotations

from sqlalchemy import Column, Table, Text

from services.quote.tables.base import metadata

workshops = Table(
    "workshops",
    metadata,
    Column("id", Text, primary_key=True),
    Column("partner_id", Text, nullable=False),
    Column("country", Text),
)
"""A projection of `workshop.*`: who runs which workshop, and whose tax it has."""

deals = Table(
    "deals",
    metadata,
    Column("id", Text, primary_key=True),
    Column("partner_id", Text, nullable=False),
    Column("status", Text, nullable=False),
)
"""A projection of `deal.*`: what a quote can be attached to."""
