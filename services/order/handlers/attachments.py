"""Reading attachments, removing them, and clearing the shelf of what is none."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from services.order.domain.attachment import Attachment, NotOwn, Shown, removed
from services.order.domain.order import Order
from services.order.handlers.holding import hold
from services.order.handlers.recording import record
from services.order.repository import access, attachments, orders
from services.order.repository.attachments import Place
from services.order.shelf import Shelf, ShelfUnavailable
from shared.auth import Caller
from shared.database import Database
from shared.problems import Problem, not_found

ARRIVAL = timedelta(hours=1)
"""After so long, an upload isn't going to end any more."""

SWEEP_BATCH = 20


@dataclass(frozen=True, slots=True)
class Files:
    """What attachments need; `most` is how many an order may have."""

    database: Database
    shelf: Shelf
    most: int


async def page(database: Database, caller: Caller, order_id: str) -> list[Attachment]:
    """List an order's attachments, oldest first.

    Raises a Problem: 404 for none of the caller's, 403 for one that no workshop has taken yet.
    """
    async with database.reading() as connection:
        order = await orders.load(connection, order_id, access.visible_to(caller))
        if order is None:
            raise not_found("order")
        _check_shown(caller, order)
        return await attachments.of_order(connection, order_id)


async def fetch(
    files: Files, caller: Caller, order_id: str, attachment_id: str
) -> tuple[Attachment, AsyncIterator[bytes]]:
    """Open an attachment; raises a Problem: 403, 404, or 503 while the shelf doesn't answer."""
    async with files.database.reading() as connection:
        found = None
        if order := await orders.load(connection, order_id, access.visible_to(caller)):
            _check_shown(caller, order)
            found = await attachments.find(connection, order_id, attachment_id)
    if found is None:
        raise not_found("attachment")
    try:
        return found, await files.shelf.get(Place(found.id, order_id).key)
    except (FileNotFoundError, ShelfUnavailable) as unavailable:
        raise no_shelf() from unavailable


async def remove(files: Files, caller: Caller, order_id: str, attachment_id: str) -> None:
    """Take an attachment away, as whoever attached it or an operator; raises a Problem."""
    async with files.database.transaction() as work:
        held = await hold(work, caller, order_id, access.visible_to(caller))
        _check_shown(caller, held.before)
        found = await attachments.find(work.connection, order_id, attachment_id)
        if found is None:
            raise not_found("attachment")
        try:
            order, events = removed(
                held.order, found, caller.partner_id, by_operator=caller.is_operator
            )
        except NotOwn:
            detail = "Another account attached it; only that one, or an operator, removes it."
            raise Problem(403, "not-own", detail) from None
        except Shown as by:
            detail = f"The supplement {by} shows it: somebody decides by it, or has decided."
            extra = {"supplement_id": by.supplement_id}
            raise Problem(409, "attachment-shown", detail, extra=extra) from None
        await attachments.let_go(work.connection, found.id)
        await record(work, held.before, order, events, held.actor)


async def sweep(files: Files) -> int:
    """Take off the shelf what no attachment is made of; returns how many there were."""
    before = files.database.clock.now() - ARRIVAL
    async with files.database.transaction() as work:
        due = await attachments.to_sweep(work.connection, before, SWEEP_BATCH)
    await discard(files, due)
    return len(due)


async def discard(files: Files, places: Sequence[Place]) -> None:
    """Take contents off the shelf that are no attachments, and never will be; then their rows."""
    ids = [place.id for place in places]
    async with files.database.transaction() as work:
        await attachments.condemn(work.connection, ids)
    for place in places:
        await files.shelf.remove(place.key)
    async with files.database.transaction() as work:
        await attachments.forget(work.connection, ids)


def _check_shown(caller: Caller, order: Order) -> None:
    # Photos show plates, and documents names: what an order that is only offered leaves out.
    if access.is_only_offered(caller, order):
        detail = "No workshop has taken the order yet; whoever takes it sees its attachments."
        raise Problem(403, "order-not-taken", detail)


def no_shelf() -> Problem:
    """Say that the contents can't be reached."""
    detail = "The store of attachments doesn't answer. Nothing was changed; try again."
    return Problem(503, "attachments-unavailable", detail, headers={"Retry-After": "5"})
