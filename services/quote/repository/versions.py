"""Keeps and finds the versions of a quote that were superseded."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.quote.tables.versions import quote_versions
from shared.contracts import QuoteV1


async def freeze(connection: AsyncConnection, shown: QuoteV1, now: datetime) -> None:
    """Keep a version as it was shown until now."""
    statement = insert(quote_versions).values(
        quote_id=shown.id,
        version=shown.version,
        superseded_at=now,
        shown=shown.model_dump(mode="json"),
    )
    await connection.execute(statement)


async def find(
    connection: AsyncConnection, quote_id: str, version: int
) -> tuple[datetime, QuoteV1] | None:
    """Find one version: when it was superseded, and what was shown until then."""
    query = select(quote_versions.c.superseded_at, quote_versions.c.shown).where(
        quote_versions.c.quote_id == quote_id, quote_versions.c.version == version
    )
    row = (await connection.execute(query)).one_or_none()
    return (row.superseded_at, QuoteV1.model_validate(row.shown)) if row else None


async def summaries(connection: AsyncConnection, quote_id: str) -> Sequence[Row[Any]]:
    """List what a quote's versions came to, newest first; there are 50 at the most."""
    shown = quote_versions.c.shown
    query = (
        select(
            quote_versions.c.version,
            quote_versions.c.superseded_at,
            *(shown[name].label(name) for name in ("status", "total", "expires_at", "reason")),
        )
        .where(quote_versions.c.quote_id == quote_id)
        .order_by(quote_versions.c.version.desc())
    )
    return (await connection.execute(query)).all()
