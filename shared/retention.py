"""Keeps the log's daily partitions ahead of time, and drops what is older than it must be kept."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.idempotency import KEEP_HOURS

DAYS_AHEAD = 7

_PARTITIONS = text("""
SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
WHERE i.inhparent = 'events'::regclass AND c.relname ~ '^events_[0-9]{8}$'
""")


async def keep_up(connection: AsyncConnection, *, keep_days: int, has_inbox: bool) -> None:
    """Make the coming days' partitions, and drop the days past `keep_days` that owe nothing."""
    # Several processes may be at it: one does the work, the others find it done.
    await connection.execute(text("SELECT pg_advisory_xact_lock(20261123)"))
    await connection.execute(
        text("DELETE FROM idempotency_keys WHERE created_at < now() - make_interval(hours => :h)"),
        {"h": KEEP_HOURS},
    )
    if has_inbox:
        # A day longer than any topic: a redelivery must still find its row.
        await connection.execute(
            text("DELETE FROM inbox WHERE received_at < now() - make_interval(days => :d)"),
            {"d": keep_days + 1},
        )
    # From here on the log is locked: what takes long comes before. Dropping comes before adding,
    # which would lock the default partition first, where readers lock the whole log first.
    today = datetime.now(UTC).date()
    existing = set((await connection.execute(_PARTITIONS)).scalars())
    for name in sorted(existing):
        if name < _name(today - timedelta(days=keep_days)) and not await _owes(connection, name):
            await connection.execute(text(f"DROP TABLE {name}"))
    days = (today + timedelta(days=ahead) for ahead in range(DAYS_AHEAD + 1))
    if missing := [day for day in days if _name(day) not in existing]:
        # An insert that chose the default partition before would find its row refused there after.
        await connection.execute(text("LOCK TABLE events IN SHARE ROW EXCLUSIVE MODE"))
        for day in missing:
            await _add(connection, day)


async def _add(connection: AsyncConnection, day: date) -> None:
    name, end = _name(day), day + timedelta(days=1)
    # Rows that fell into the default partition would refuse the new one, so they move with it.
    moved = "recorded_at >= :from AND recorded_at < :to"
    bounds = {
        "from": datetime.combine(day, datetime.min.time(), UTC),
        "to": datetime.combine(end, datetime.min.time(), UTC),
    }
    await connection.execute(text(f"CREATE TABLE {name} (LIKE events INCLUDING DEFAULTS)"))
    await connection.execute(
        text(
            f"WITH moved AS (DELETE FROM events_default WHERE {moved} RETURNING *)"  # noqa: S608 - a name of our making
            f" INSERT INTO {name} SELECT * FROM moved"
        ),
        bounds,
    )
    await connection.execute(
        text(f"ALTER TABLE events ATTACH PARTITION {name} FOR VALUES FROM ('{day}') TO ('{end}')")
    )


async def _owes(connection: AsyncConnection, name: str) -> bool:
    owed = f"SELECT EXISTS (SELECT FROM outbox JOIN {name} USING (recorded_at, position))"  # noqa: S608 - read from the catalog
    return bool(await connection.scalar(text(owed)))


def _name(day: date) -> str:
    return f"events_{day:%Y%m%d}"
