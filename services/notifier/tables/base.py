"""What all tables have."""

from __future__ import annotations

from sqlalchemy import DateTime, MetaData, text

metadata = MetaData()

MOMENT = DateTime(timezone=True)

QUEUED = text("status = 'queued'")
