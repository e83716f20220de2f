"""Correcting when a change came into effect, which isn't always when it was said."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from services.order.domain.order import Change, Status
from services.order.domain.order import updated as announced
from services.order.domain.stages import OutOfOrder, check_correction
from services.order.handlers.holding import hold
from services.order.handlers.progress import View
from services.order.handlers.recording import record
from services.order.repository import access, ledger, stages
from shared.auth import Caller
from shared.database import Database
from shared.idempotency import Answer, Once
from shared.problems import invalid


@dataclass(frozen=True, slots=True)
class Correction:
    """Which entry of the history, since when it holds, and why it was said otherwise."""

    position: int
    at: datetime
    reason: str


async def correct(
    database: Database, caller: Caller, order_id: str, asked: Correction, once: Once[View]
) -> Answer:
    """Move a change of status in time, between those beside it; raises a Problem."""
    async with database.transaction() as work:
        if answer := await once.replayed(work):
            return answer
        held = await hold(work, caller, order_id, access.workable_by(caller))
        moves = await stages.moves(work.connection, order_id)
        try:
            was = check_correction(asked.at, asked.position, moves, work.now)
        except LookupError:
            message = "No change of status in this order's history has this position."
            raise invalid("/position", "unknown-entry", message) from None
        except OutOfOrder:
            message = "It has to be after the change before, and before the next one and now."
            raise invalid("/at", "out-of-order", message) from None
        await stages.correct(work.connection, asked.position, asked.at)
        order = held.order
        if was.to is Status.COMPLETED:
            order = replace(order, completed_at=asked.at)
        reason = f"{was.to} since {_shown(asked.at)}, not {_shown(was.at)}: {asked.reason}"
        corrected, (event,) = announced(order, order, reason)
        change = Change(f"history/{asked.position}", _shown(was.at), _shown(asked.at))
        told = replace(event, changes=(*event.changes, change))
        await record(work, held.before, corrected, (told,), held.actor)
        payments = await ledger.of_orders(work.connection, [order_id])
        return await once.answer(work, View(corrected, payments[order_id]))


def _shown(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
