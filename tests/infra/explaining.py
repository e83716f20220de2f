"""How many rows of a table the database reads for what a service is asked."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

Statement = tuple[str, Any]


class Reads:
    """The queries of a time, to be explained afterwards, in the same database."""

    def __init__(self) -> None:
        self.queries: list[Statement] = []
        self.rows = 0


@asynccontextmanager
async def reads_of(engine: AsyncEngine, table: str) -> AsyncIterator[Reads]:
    """Count what the block's queries read of a table; `rows` says so once it has ended."""
    reads = Reads()

    def note(*said: Any) -> None:
        statement, parameters = said[2:4]
        if table in statement and statement.lstrip().startswith(("SELECT", "WITH")):
            reads.queries.append((statement, parameters))

    event.listen(engine.sync_engine, "before_cursor_execute", note)
    try:
        yield reads
    finally:
        event.remove(engine.sync_engine, "before_cursor_execute", note)
    async with engine.connect() as connection:
        for statement, parameters in reads.queries:
            explain = f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}"
            found = (await connection.exec_driver_sql(explain, parameters)).scalar_one()
            plan = json.loads(found) if isinstance(found, str) else found
            reads.rows += sum(_read(node, table) for node in _nodes(plan[0]["Plan"]))
        await connection.rollback()


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for each in plan.get("Plans", ()):
        yield from _nodes(each)


def _read(node: dict[str, Any], table: str) -> int:
    if node.get("Relation Name") != table:
        return 0
    dropped = ("Rows Removed by Filter", "Rows Removed by Index Recheck")
    rows = node["Actual Rows"] + sum(node.get(name, 0) for name in dropped)
    return round(rows * node["Actual Loops"])
