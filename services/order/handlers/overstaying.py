"""Telling of orders that stay too long in a stage, once a stay."""

from __future__ import annotations

from dataclasses import replace

from services.order.domain.order import Announcement, Change, ServiceEvent
from services.order.handlers.recording import record
from services.order.repository import orders, stages
from services.order.repository.orders import SYSTEM
from services.order.repository.stages import Overdue
from shared.database import Database, Transaction

BATCH = 50


async def tell_due(database: Database) -> int:
    """Tell of a batch of orders whose partner's limit has passed; returns how many."""
    async with database.transaction() as work:
        late = await stages.overdue(work.connection, work.now, BATCH)
        for each in late:
            await _tell(work, each)
    return len(late)


async def _tell(work: Transaction, late: Overdue) -> None:
    before = await orders.held(work.connection, late.order_id)
    told = replace(before, sequence=before.sequence + 1)
    minutes = int(late.limit.total_seconds() // 60)
    change = Change(f"sla/{late.stage}", None, minutes)
    reason = f"sla: {late.stage} for more than {_said(minutes)}"
    event = ServiceEvent(Announcement.UPDATED, told, (change,), reason)
    await stages.alarm(work.connection, late, work.now)
    await record(work, before, told, (event,), SYSTEM)


def _said(minutes: int) -> str:
    hours, left = divmod(minutes, 60)
    return " ".join(f"{count} {unit}" for count, unit in ((hours, "h"), (left, "min")) if count)
