"""Deliveries, searched by what their owner knows of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, func, not_, select, text, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from services.notifier.domain.delivery import DeliveryStatus
from services.notifier.repository.deliveries import ABOUT
from services.notifier.tables import attempts, deliveries, messages

RETRIED_AT_ONCE = 10_000

# The queued ones go on by themselves; what was delivered is sent again by a replay, which says so.
_RETRY = """
UPDATE deliveries d
SET status = 'queued', due_at = :now, failures = 0, finished_at = NULL, expires_at = NULL
WHERE d.id IN (
    SELECT id FROM deliveries
    WHERE endpoint_id = :endpoint_id AND status IN ('exhausted', 'canceled') {conditions}
    ORDER BY id LIMIT :most
    FOR UPDATE
)
"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which deliveries: all, narrowed by what isn't None; times are those of their making."""

    status: DeliveryStatus | None = None
    event_type: str | None = None
    event_id: str | None = None
    subject: str | None = None
    vin: str | None = None
    replay_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """Write it down for a query of deliveries and their messages."""
        given: list[tuple[Any, Any]] = [
            (deliveries.c.status, self.status),
            (deliveries.c.event_type, self.event_type),
            (deliveries.c.event_id, self.event_id),
            (deliveries.c.replay_id, self.replay_id),
            (messages.c.subject, self.subject),
            (messages.c.vin, self.vin),
        ]
        found: list[ColumnElement[bool]] = [
            column == value for column, value in given if value is not None
        ]
        if self.since is not None:
            found.append(deliveries.c.created_at >= self.since)
        if self.until is not None:
            found.append(deliveries.c.created_at < self.until)
        return found


async def page(
    connection: AsyncConnection,
    endpoint_id: str,
    wanted: Wanted,
    *,
    first: str,
    before: str | None,
    limit: int,
) -> Sequence[RowMapping]:
    """List an endpoint's deliveries, newest first; `first` is where the ids begin that may be."""
    statement = (
        ABOUT.where(
            deliveries.c.endpoint_id == endpoint_id, deliveries.c.id >= first, *wanted.conditions()
        )
        .order_by(deliveries.c.id.desc())
        .limit(limit)
    )
    if before is not None:
        statement = statement.where(deliveries.c.id < before)
    return (await connection.execute(statement)).mappings().all()


async def attempts_page(
    connection: AsyncConnection,
    endpoint_id: str,
    wanted: Wanted,
    *,
    first: str,
    failed: bool,
    before: tuple[str, str] | None,
    limit: int,
) -> Sequence[RowMapping]:
    """List the attempts of an endpoint's deliveries: newest delivery first, its last one first."""
    statement = (
        select(
            *(attempts.c[name] for name in ("id", "delivery_id", "started_at", "duration_ms")),
            *(attempts.c[name] for name in ("status", "error")),
            *(deliveries.c[name] for name in ("event_id", "event_type", "replay_id")),
            *(messages.c[name] for name in ("subject", "sequence")),
        )
        .join(deliveries, deliveries.c.id == attempts.c.delivery_id)
        .join(messages, messages.c.event_id == deliveries.c.event_id)
        .where(
            deliveries.c.endpoint_id == endpoint_id, deliveries.c.id >= first, *wanted.conditions()
        )
        .order_by(deliveries.c.id.desc(), attempts.c.id.desc())
        .limit(limit)
    )
    if failed:
        taken = func.coalesce(attempts.c.status, 0).between(200, 299)
        statement = statement.where(not_(taken))
    if before is not None:
        # The first says again what the second does, as an index can be entered by it.
        statement = statement.where(
            deliveries.c.id <= before[0], tuple_(deliveries.c.id, attempts.c.id) < before
        )
    return (await connection.execute(statement)).mappings().all()


async def retry_all(
    connection: AsyncConnection,
    endpoint_id: str,
    *,
    ids: Sequence[str] | None,
    since: datetime | None,
    now: datetime,
) -> int:
    """Queue again what was exhausted or canceled, of these ids or since then; return how many."""
    named: dict[str, Any] = {"endpoint_id": endpoint_id, "now": now, "most": RETRIED_AT_ONCE}
    conditions = ""
    if ids is not None:
        conditions, named["ids"] = "AND id = ANY (:ids)", list(ids)
    if since is not None:
        conditions, named["since"] = conditions + " AND created_at >= :since", since
    retried = await connection.execute(text(_RETRY.format(conditions=conditions)), named)
    return int(retried.rowcount)
