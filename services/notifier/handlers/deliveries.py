"""Commands about deliveries."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import orjson
from sqlalchemy import RowMapping

from services.notifier.domain import delivery as rules
from services.notifier.domain.delivery import DeliveryStatus
from services.notifier.domain.endpoint import EndpointStatus
from services.notifier.domain.message import Message
from services.notifier.domain.patterns import patterns_matching
from services.notifier.event_types import catalog
from services.notifier.handlers import account_of
from services.notifier.handlers.endpoints import held_endpoint
from services.notifier.repository import attempts, deliveries, endpoints, messages
from services.notifier.repository.endpoints import Registered
from shared.auth import Caller
from shared.database import Database
from shared.idempotency import Answer, Once
from shared.ids import new_event_id
from shared.problems import Problem, invalid, not_found


async def send_test(
    database: Database,
    caller: Caller,
    endpoint_id: str,
    event_type: str | None,
    wake: Callable[[], None],
    once: Once[RowMapping],
) -> Answer:
    """Queue an example of an event for one endpoint, marked as a test in its signed body."""
    async with database.transaction() as work:
        if answer := await once.replayed(work):
            return answer
        held = await held_endpoint(work, caller, endpoint_id)
        _require_enabled(held)
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
        await messages.store(work.connection, message, work.now)
        to = [(endpoint_id, held.endpoint.partner_id)]
        [delivery_id] = await deliveries.queue(work.connection, message, to, work.now)
        work.after_commit(wake)
        return await once.answer(work, await deliveries.hold(work.connection, delivery_id))


async def retry(
    database: Database,
    caller: Caller,
    delivery_id: str,
    wake: Callable[[], None],
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
            _require_enabled(held)
        row = await deliveries.hold(work.connection, delivery_id)
        in_flight = row["lease"] is not None and row["due_at"] > work.now
        if not in_flight:
            again = rules.retried(deliveries.delivery_from(row), work.now)
            await deliveries.save(work.connection, again)
            work.after_commit(wake)
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
    *,
    status: DeliveryStatus | None,
    before: str | None,
    limit: int,
) -> Sequence[RowMapping]:
    """Read an endpoint's deliveries, newest first; raises a 404 Problem for none of theirs."""
    async with database.reading() as connection:
        if await endpoints.find(connection, endpoint_id, account_of(caller)) is None:
            raise not_found("webhook endpoint")
        return await deliveries.page(
            connection, endpoint_id, status=status, before=before, limit=limit
        )


def _chosen_type(held: Registered, asked: str | None) -> str:
    if asked is not None:
        if asked not in catalog():
            raise invalid("/type", "unknown-event", "GET /v1/event-types lists what there is.")
        return asked
    wanted = set(held.events)
    return next(name for name in catalog() if wanted & set(patterns_matching(name)))


def _require_enabled(held: Registered) -> None:
    if held.endpoint.status is EndpointStatus.DISABLED:
        detail = "The endpoint is disabled; enable it first: PATCH it with status enabled."
        raise Problem(409, "endpoint-disabled", detail)
