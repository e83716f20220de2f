"""Commands about replays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection

from services.notifier.domain import replay as rules
from services.notifier.domain.replay import (
    MAX_EVENTS,
    Chosen,
    Replay,
    ReplayStatus,
    StoppedReason,
)
from services.notifier.handlers import account_of
from services.notifier.handlers.endpoints import check_patterns, held_endpoint, require_enabled
from services.notifier.repository import endpoints, replays
from shared.auth import Caller
from shared.database import Database
from shared.idempotency import Answer, Once
from shared.ids import new_id
from shared.problems import Problem, not_found

SHOWN = 100


@dataclass(frozen=True, slots=True)
class DryRun:
    """What a replay would send: how many events, and the first hundred of them."""

    total: int
    rate: int
    events: Sequence[RowMapping]


@dataclass(frozen=True, slots=True)
class Progress:
    """A replay, and what became of its deliveries so far, by their status."""

    replay: Replay
    came_to: dict[str, int]


async def try_out(
    database: Database,
    caller: Caller,
    endpoint_id: str,
    chosen: Chosen,
    rate: int,
    once: Once[DryRun],
) -> Answer:
    """Tell what a replay would send, and send nothing."""
    check_patterns(chosen.types or (), "/types")
    async with database.transaction() as work:
        if answer := await once.replayed(work):
            return answer
        await _require_own(work.connection, caller, endpoint_id)
        total, _ = await replays.count(work.connection, endpoint_id, chosen, MAX_EVENTS + 1)
        events = await replays.first(work.connection, endpoint_id, chosen, SHOWN)
        return await once.answer(work, DryRun(total, rate, events))


async def begin(
    database: Database,
    caller: Caller,
    endpoint_id: str,
    chosen: Chosen,
    rate: int,
    wake: Callable[[], None],
    once: Once[Progress],
) -> Answer:
    """Send events again; raises a Problem: 409 while another replay goes to this endpoint."""
    check_patterns(chosen.types or (), "/types")
    async with database.transaction() as work:
        if answer := await once.replayed(work):
            return answer
        await _require_own(work.connection, caller, endpoint_id)
        total, last = await replays.count(work.connection, endpoint_id, chosen, MAX_EVENTS + 1)
        held = await held_endpoint(work, caller, endpoint_id)
        require_enabled(held)
        if (other := await replays.running(work.connection, endpoint_id)) is not None:
            detail = "One replay at a time goes to an endpoint; stop that one, or let it finish."
            raise Problem(409, "replay-running", detail, extra={"replay_id": other})
        if total > MAX_EVENTS:
            detail = f"That is more than {MAX_EVENTS:,} events: choose fewer, by time for example."
            raise Problem(422, "too-many-events", detail)
        replay = Replay(
            id=new_id("rpl"),
            partner_id=held.endpoint.partner_id,
            endpoint_id=endpoint_id,
            chosen=chosen,
            rate=rate,
            status=ReplayStatus.RUNNING,
            total=total,
            until_position=last,
            due_at=work.now,
            created_at=work.now,
        )
        await replays.add(work.connection, replay)
        work.after_commit(wake)
        return await once.answer(work, Progress(replay, {}))


async def read(database: Database, caller: Caller, replay_id: str) -> Progress:
    """Read how far a replay got; raises a 404 Problem for none of the caller's."""
    async with database.reading() as connection:
        found = await replays.find(connection, replay_id, account_of(caller))
        if found is None:
            raise not_found("replay")
        return Progress(found, await replays.came_to(connection, replay_id))


async def page(
    database: Database, caller: Caller, endpoint_id: str, *, before: str | None, limit: int
) -> list[Progress]:
    """Read an endpoint's replays, newest first; raises a 404 Problem for none of theirs."""
    async with database.reading() as connection:
        await _require_own(connection, caller, endpoint_id)
        found = await replays.page(connection, endpoint_id, before=before, limit=limit)
        return [Progress(each, await replays.came_to(connection, each.id)) for each in found]


async def stop(database: Database, caller: Caller, replay_id: str, once: Once[Progress]) -> Answer:
    """Queue nothing more, and give up what nobody took; one that ended stays as it is."""
    async with database.transaction() as work:
        if answer := await once.replayed(work):
            return answer
        held = await replays.find(work.connection, replay_id, account_of(caller), lock=True)
        if held is None:
            raise not_found("replay")
        stopped = rules.stopped(held, StoppedReason.ASKED, work.now)
        if stopped is not held:
            await replays.save(work.connection, stopped)
            await replays.cancel_queued(work.connection, replay_id, work.now)
        came_to = await replays.came_to(work.connection, replay_id)
        return await once.answer(work, Progress(stopped, came_to))


async def _require_own(connection: AsyncConnection, caller: Caller, endpoint_id: str) -> None:
    """Raise a 404 Problem for none of theirs; it isn't held, as each event of its would wait."""
    if await endpoints.find(connection, endpoint_id, account_of(caller)) is None:
        raise not_found("webhook endpoint")
