"""Secret links to calendars.

The secret stands as it is: it opens nothing that doesn't stand beside it.
"""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Table, Text

from services.booking.tables.base import MOMENT, metadata

calendar_links = Table(
    "calendar_links",
    metadata,
    Column("id", Text, primary_key=True),
    Column("workshop_id", ForeignKey("workshops.id"), nullable=False),
    Column("resource_id", ForeignKey("resources.id")),
    Column("secret", Text, nullable=False, unique=True),
    Column("created_at", MOMENT, nullable=False),
    Index("calendar_links_of_workshop", "workshop_id", "id"),
)
