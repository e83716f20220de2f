"""What an endpoint missed, and how it does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection

from services.notifier.handlers import account_of, first_delivery_since
from services.notifier.repository import endpoints, gaps, usage
from shared.auth import Caller
from shared.database import Database
from shared.problems import invalid, not_found

LONGEST = timedelta(days=7)
TRIED = timedelta(hours=36)
"""For how long a delivery is tried, and longer."""

PERIODS = {"hour": timedelta(hours=1), "day": timedelta(days=1)}


@dataclass(frozen=True, slots=True)
class Usage:
    """An endpoint's deliveries and attempts in the time until now."""

    period: str
    since: datetime
    deliveries: RowMapping
    attempts: RowMapping


async def missing(
    database: Database,
    caller: Caller,
    endpoint_id: str,
    *,
    since: datetime | None,
    until: datetime | None,
    after: str | None,
    limit: int,
) -> Sequence[RowMapping]:
    """List what wasn't delivered of what was received in a time, a week of it at the most."""
    last = until or database.clock.now()
    first = since or last - LONGEST
    if last - first > LONGEST:
        raise invalid("/since", "too-long", "Ask for seven days at the most.")
    async with database.reading() as connection:
        await _require_own(connection, caller, endpoint_id)
        return await gaps.page(
            connection, endpoint_id, since=first, until=last, after=after or "", limit=limit
        )


async def used(database: Database, caller: Caller, endpoint_id: str, period: str) -> Usage:
    """Count what became of an endpoint's deliveries, and how fast it answered."""
    since = database.clock.now() - PERIODS[period]
    async with database.reading() as connection:
        await _require_own(connection, caller, endpoint_id)
        return Usage(
            period=period,
            since=since,
            deliveries=await usage.deliveries_since(
                connection, endpoint_id, since, first=first_delivery_since(database, since)
            ),
            attempts=await usage.attempts_since(
                connection, endpoint_id, since, first=first_delivery_since(database, since - TRIED)
            ),
        )


async def _require_own(connection: AsyncConnection, caller: Caller, endpoint_id: str) -> None:
    if await endpoints.find(connection, endpoint_id, account_of(caller)) is None:
        raise not_found("webhook endpoint")
