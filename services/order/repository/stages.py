"""Reads how orders went through their stages, and what partners say of that."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import delete, func, select, text, true, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.order.domain.order import Status
from services.order.domain.shop_hours import ShopHours, Spans
from services.order.domain.stages import STAGES, Move, Policy
from services.order.repository import access
from services.order.tables.orders import order_history as history
from services.order.tables.projections import workshops
from services.order.tables.stages import stage_alarms, stage_limits, stage_policies
from shared.auth import Caller
from shared.money import Money

AT_ONCE = 2000
"""Stays that are read in one go: some milliseconds."""

# A stay's beginning is the last entry that changed the status; its limit is the partner's.
_OVERDUE = text("""
SELECT o.id AS order_id, o.status AS stage, begun.position, l.minutes
FROM orders o
JOIN stage_limits l ON l.partner_id = o.partner_id AND l.stage = o.status
CROSS JOIN LATERAL (
    SELECT h.position, h.effective_at FROM order_history h
    WHERE h.order_id = o.id AND h.from_status IS DISTINCT FROM h.to_status
    ORDER BY h.position DESC LIMIT 1
) begun
WHERE o.status IN ('pending', 'in-progress', 'delayed')
AND begun.effective_at + make_interval(mins => l.minutes) <= :now
AND NOT EXISTS (
    SELECT FROM stage_alarms a WHERE a.order_id = o.id AND a.position = begun.position
)
ORDER BY begun.effective_at + make_interval(mins => l.minutes)
LIMIT :limit FOR UPDATE OF o SKIP LOCKED
""")


@dataclass(frozen=True, slots=True)
class Overdue:
    """An order that is too long in its stage, and the entry that began its stay."""

    order_id: str
    stage: Status
    position: int
    limit: timedelta


@dataclass(frozen=True, slots=True)
class Ended:
    """A stay in a stage that ended, and at which workshop."""

    workshop_id: str | None
    stage: Status
    since: datetime
    until: datetime


async def moves(connection: AsyncConnection, order_id: str) -> list[Move]:
    """Read an order's changes of status, from `pending` on, as they are corrected."""
    changed = history.c.from_status.is_distinct_from(history.c.to_status)
    query = (
        select(history.c.position, history.c.to_status, history.c.effective_at, history.c.reason)
        .where(history.c.order_id == order_id, changed)
        .order_by(history.c.position)
    )
    found = [
        Move(row.position, Status(row.to_status), row.effective_at, row.reason)
        for row in await connection.execute(query)
    ]
    return [move for move in found if move.to is not Status.AWAITING_PAYMENT]


async def correct(connection: AsyncConnection, position: int, at: datetime) -> None:
    """Say when an entry came into effect."""
    entry = history.c.position == position
    await connection.execute(update(history).where(entry).values(effective_at=at))


async def hours(connection: AsyncConnection, ids: set[str]) -> dict[str, ShopHours]:
    """Read the opening hours of workshops, where they are known."""
    known = workshops.c.id.in_(ids) & workshops.c.hours.is_not(None)
    return {
        row.id: shop_hours(row.time_zone, row.hours, row.special_days, row.closures)
        for row in await connection.execute(select(workshops).where(known))
    }


def shop_hours(
    time_zone: str,
    week: Mapping[str, Any],
    special_days: Mapping[str, Any] | None = None,
    closures: Sequence[tuple[str, str]] | None = None,
) -> ShopHours:
    """Read hours as they are told: `{"mon": [["08:00", "17:00"]]}`, and days by their dates."""
    return ShopHours(
        ZoneInfo(time_zone),
        {day: _spans(pairs) for day, pairs in week.items()},
        {date.fromisoformat(day): _spans(pairs) for day, pairs in (special_days or {}).items()},
        tuple(
            (date.fromisoformat(first), date.fromisoformat(last)) for first, last in closures or ()
        ),
    )


async def policy(connection: AsyncConnection, partner_id: str) -> Policy:
    """Read what a partner says of time; nothing, when it hasn't."""
    own = stage_policies.c.partner_id == partner_id
    row = (await connection.execute(select(stage_policies).where(own))).one_or_none()
    limits = await connection.execute(
        select(stage_limits).where(stage_limits.c.partner_id == partner_id)
    )
    cost = None
    if row and row.holding_cost is not None:
        cost = Money(row.holding_cost, row.currency)
    return Policy(
        cost,
        {Status(each.stage): timedelta(minutes=each.minutes) for each in limits},
    )


async def put_policy(connection: AsyncConnection, partner_id: str, said: Policy) -> None:
    """Replace what a partner says of time."""
    cost = said.holding_cost
    row = {"holding_cost": cost and cost.amount, "currency": cost and cost.currency}
    await connection.execute(
        insert(stage_policies)
        .values(row | {"partner_id": partner_id})
        .on_conflict_do_update(index_elements=["partner_id"], set_=row)
    )
    await connection.execute(delete(stage_limits).where(stage_limits.c.partner_id == partner_id))
    limits = [
        {"partner_id": partner_id, "stage": stage, "minutes": limit // timedelta(minutes=1)}
        for stage, limit in said.limits.items()
    ]
    if limits:
        await connection.execute(insert(stage_limits), limits)


async def ended(
    connection: AsyncConnection,
    caller: Caller,
    workshop_id: str | None,
    since: datetime,
    until: datetime,
    limit: int,
) -> list[Ended]:
    """List the stays that ended in a period, of a caller's own orders; of a workshop, if named."""
    own = access.own(caller)
    there = own.c.workshop_id == workshop_id if workshop_id else true()
    touched = select(history.c.order_id).where(
        history.c.effective_at >= since, history.c.effective_at < until
    )
    changed = history.c.from_status.is_distinct_from(history.c.to_status)
    left = func.lead(history.c.effective_at).over(
        partition_by=history.c.order_id, order_by=history.c.position
    )
    stays = (
        select(
            own.c.workshop_id,
            history.c.to_status.label("stage"),
            history.c.effective_at.label("since"),
            left.label("until"),
        )
        .join(own, own.c.id == history.c.order_id)
        .where(there, changed, history.c.order_id.in_(touched))
        .subquery()
    )
    query = (
        select(stays)
        .where(stays.c.stage.in_(STAGES), stays.c.until >= since, stays.c.until < until)
        .limit(limit)
    )
    found: list[Ended] = []
    for rows in (await connection.execute(query)).partitions(AT_ONCE):
        found += (Ended(row.workshop_id, Status(row.stage), row.since, row.until) for row in rows)
        await asyncio.sleep(0)  # others are answered meanwhile
    return found


async def overdue(connection: AsyncConnection, now: datetime, limit: int) -> list[Overdue]:
    """Lock orders that are too long in their stage and of which nobody was told yet."""
    found = await connection.execute(_OVERDUE, {"now": now, "limit": limit})
    return [
        Overdue(row.order_id, Status(row.stage), row.position, timedelta(minutes=row.minutes))
        for row in found
    ]


async def alarm(connection: AsyncConnection, late: Overdue, at: datetime) -> None:
    """Keep that somebody was told; once a stay, by the primary key."""
    row = {"order_id": late.order_id, "position": late.position, "at": at}
    await connection.execute(insert(stage_alarms).values(row))


def _spans(pairs: Sequence[tuple[str, str]]) -> Spans:
    return tuple((_minutes(opens), _minutes(closes)) for opens, closes in pairs)


def _minutes(wall: str) -> int:
    hour, minute = wall.split(":")
    return int(hour) * 60 + int(minute)
