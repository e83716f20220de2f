"""What the planner knows of tables that grow from nothing to a million rows."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

FEW = 1_000
"""With fewer rows, a table does with any plan."""

_OUTGROWN = text("""
SELECT relname FROM pg_class
WHERE oid IN ('deliveries'::regclass, 'messages'::regclass, 'attempts'::regclass)
  AND pg_stat_get_mod_since_analyze(oid) > 2 * greatest(reltuples, :few)
""")
# A tenth of the usual sample: autovacuum takes the whole one later.
_BRIEFLY = text("SELECT set_config('default_statistics_target', '10', true)")


async def catch_up(connection: AsyncConnection) -> int:
    """Analyze what has changed twice over since that was done, so that all plans are made anew.

    A plan made while a table was next to empty reads all of it, and autovacuum looks once a minute
    at best. To be called in a transaction; returns how many tables those were.
    """
    outgrown = (await connection.execute(_OUTGROWN, {"few": FEW})).scalars().all()
    if outgrown:
        await connection.execute(_BRIEFLY)
    for table in outgrown:
        await connection.execute(text(f"ANALYZE (SKIP_LOCKED) {table}"))
    return len(outgrown)
