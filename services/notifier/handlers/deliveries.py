"""Commands about deliveries."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import orjson
from sqlalchemy import RowMapping

from services.notifier.domain import delivery as rules
from services.notifier.domain.message import Message
from services.notifier.domain.patterns import patterns_matching
from services.notifier.event_types import catalog
from services.notifier.handlers import account_of, first_delivery_since
from services.notifier.handlers.endpoints import held_endpoint, require_enabled
from services.notifier.repository import attempts, deliveries, endpoints, messages, searching
from services.notifier.repository.endpoints import Registered
from services.notifier.repository.searching import Wanted
from shared.auth import Caller
from shared.database import Database
from shared.idempotency import Answer, Once
from shared.ids import new_event_id
from shared.problems import invalid, not_found


@dataclass(frozen=True, slots=True)
class Again:
    """Which deliveries to send again: these, or all that were made since then."""

    ids: Sequence[str] | None = None
    since: datetime | None = None


async def send_test(
    database: Database,
    caller: Caller,
    endpoint_id: str,
    event_type: str | None,
    queued: Callable[[str], None],
    once: Once[RowMapping],
) -> Answer:
    """Queue an example of an event for one endpoint, marked as a test in its signed body."""
    async with database.transaction() as work:
        if answer := await once.replayed(work):
            return answer
        held = await held_endpoint(work, caller, endpoint_id)
        require_enabled(held)
        message = Message(
            event_id=new_event_id(),
            type=(chosen := _chosen_type(held, event_type)),
            subject=endpoint_id,
            sequence=0,
            partner_id=held.endpoint.partner_id,
            workshop_id=None,
            time=work.now,
            data=orjson.dumps(catalog()[chosen].example).decode(),
            test=True,
        )
        await messages.keep_test(work.connection, message, work.now)
        [made] = await deliveries.queue(work.connection, message, [endpoint_id], work.now)
        work.after_commit(partial(queued, endpoint_id))
        return await once.answer(work, await deliveries.hold(work.connection, made.id))


async def retry(
    database: Database,
    caller: Caller,
    delivery_id: str,
    queued: Callable[[str], None],
    once: Once[RowMapping],
) -> Answer:
    """Send a delivery again, now; raises a Problem: 404, or 409 while its endpoint is disabled."""
    async with database.transaction() as work:
        if answer := await once.replayed(work):
            return answer
        found = await deliveries.find(work.connection, delivery_id, account_of(caller))
        if found is None:
            raise not_found("delivery")
        # The endpoint first: whoever holds one may wait for its deliveries, never the reverse.
        held = await endpoints.find(work.connection, found["endpoint_id"], None, lock=True)
        if held is not None:
            require_enabled(held)
        row = await deliveries.hold(work.connection, delivery_id)
        # What is in flight right now may thereby go out twice, which receivers have to bear anyway.
        again = rules.retried(deliveries.delivery_from(row), work.now)
        await deliveries.save(work.connection, again)
        work.after_commit(partial(queued, again.endpoint_id))
        return await once.answer(work, await deliveries.hold(work.connection, delivery_id))


async def read(
    database: Database, caller: Caller, delivery_id: str
) -> tuple[RowMapping, Sequence[RowMapping]]:
    """Read a delivery and its attempts; raises a 404 Problem for none of the caller's."""
    async with database.reading() as connection:
        found = await deliveries.find(connection, delivery_id, account_of(caller))
        if found is None:
            raise not_found("delivery")
        return found, await attempts.of_delivery(connection, delivery_id)


async def page(
    database: Database,
    caller: Caller,
    endpoint_id: str,
    wanted: Wanted,
    *,
    before: str | None,
    limit: int,
) -> Sequence[RowMapping]:
    """Read an endpoint's deliveries, newest first; raises a 404 Problem for none of theirs."""
    async with database.reading() as connection:
        if await endpoints.find(connection, endpoint_id, account_of(caller)) is None:
            raise not_found("webhook endpoint")
        first = first_delivery_since(database, wanted.since) if wanted.since else ""
        return await searching.page(
            connection, endpoint_id, wanted, first=first, before=before, limit=limit
        )


async def attempts_page(
    database: Database,
    caller: Caller,
    endpoint_id: str,
    wanted: Wanted,
    *,
    failed: bool,
    before: str | None,
    limit: int,
) -> Sequence[RowMapping]:
    """Read attempts of an endpoint's deliveries; raises a 404 Problem for none of theirs."""
    delivery_id, _, attempt_id = (before or "").partition("/")
    async with database.reading() as connection:
        if await endpoints.find(connection, endpoint_id, account_of(caller)) is None:
            raise not_found("webhook endpoint")
        return await searching.attempts_page(
            connection,
            endpoint_id,
            wanted,
            first=first_delivery_since(database, wanted.since) if wanted.since else "",
            failed=failed,
            before=(delivery_id, attempt_id) if before else None,
            limit=limit,
        )


async def retry_many(
    database: Database,
    caller: Caller,
    endpoint_id: str,
    asked: Again,
    queued: Callable[[str], None],
    once: Once[int],
) -> Answer:
    """Send again, now, what was exhausted or canceled; answers with how many that is."""
    async with database.transaction() as work:
        if answer := await once.replayed(work):
            return answer
        require_enabled(await held_endpoint(work, caller, endpoint_id))
        retried = await searching.retry_all(
            work.connection, endpoint_id, ids=asked.ids, since=asked.since, now=work.now
        )
        work.after_commit(partial(queued, endpoint_id))
        return await once.answer(work, retried)


def _chosen_type(held: Registered, asked: str | None) -> str:
    if asked is not None:
        if asked not in catalog():
            raise invalid("/type", "unknown-event", "GET /v1/event-types lists what there is.")
        return asked
    wanted = set(held.events)
    return next(name for name in catalog() if wanted & set(patterns_matching(name)))
