"""Work found on the way: a workshop proposes it, and the partner decides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from services.order import outgoing
from services.order.domain import authorization
from services.order.domain.authorization import Verdict
from services.order.domain.order import Order
from services.order.domain.supplement import Action, Decision, Status, Supplement, Way
from services.order.domain.terms import Line
from services.order.handlers import work_refusals
from services.order.handlers.holding import Held, hold
from services.order.handlers.progress import View
from services.order.handlers.recording import record
from services.order.repository import access, attachments, ledger, orders
from services.order.repository.orders import Actor
from shared.auth import Caller, Scope
from shared.database import Database, Transaction
from shared.idempotency import Answer, Once
from shared.ids import new_id
from shared.problems import invalid, not_found

MOST_BYTES = 750_000
"""Of an order with all that is proposed: each of its events carries it, and has to say more.

What fits a proposal has to fit a decision, a payment and the end of the order, too.
"""


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a workshop proposes; the lines' ids are given to them here."""

    reason: str
    lines: Sequence[Line]
    estimated_completion_at: datetime | None = None
    attachment_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Said:
    """A decision as it was sent: a workshop says how, by whom and when it was given."""

    way: Way | None = None
    by: str | None = None
    at: datetime | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Proposed:
    """A supplement, and the order that it is of."""

    order: Order
    supplement: Supplement


async def propose(
    database: Database, caller: Caller, order_id: str, asked: Proposal, once: Once[Proposed]
) -> Answer:
    """Propose more work, as the order's workshop or an operator."""
    async with database.transaction() as work:
        if answer := await once.replayed(work):
            return answer
        held = await hold(work, caller, order_id, access.workable_by(caller))
        _check_currency(held.order, asked.lines)
        await _check_attachments(work, order_id, asked.attachment_ids)
        supplement_id = new_id("sup")
        supplement = Supplement(
            id=supplement_id,
            status=Status.OPEN,
            reason=asked.reason,
            lines=tuple(_identified(line, supplement_id) for line in asked.lines),
            created_at=work.now,
            client_id=caller.client_id,
            estimated_completion_at=asked.estimated_completion_at,
            attachment_ids=asked.attachment_ids,
        )
        with work_refusals.told():
            order, events = authorization.propose(held.order, supplement, work.now)
        if outgoing.largest(order) > MOST_BYTES:
            raise work_refusals.order_full()
        await record(work, held.before, order, events, held.actor)
        made = authorization.find(order, supplement.id)
        return await once.answer(work, Proposed(order, made))


async def decide(
    database: Database,
    caller: Caller,
    order_id: str,
    supplement_id: str,
    action: Action,
    said: Said,
    once: Once[View],
) -> Answer:
    """Authorise or decline: the partner itself, or the workshop for what it was told."""
    async with database.transaction() as work:
        if answer := await once.replayed(work):
            return answer
        held = await hold(work, caller, order_id, access.visible_to(caller))
        with work_refusals.told():
            authorization.find(held.order, supplement_id)
        verdict = Verdict(supplement_id, action, _decision(work, held.actor, said))
        return await _decided(work, held, verdict, once)


async def withdraw(
    database: Database,
    caller: Caller,
    order_id: str,
    supplement_id: str,
    note: str | None,
    once: Once[View],
) -> Answer:
    """Take a supplement back that nobody decided of, as the order's workshop or an operator."""
    async with database.transaction() as work:
        if answer := await once.replayed(work):
            return answer
        held = await hold(work, caller, order_id, access.workable_by(caller))
        decision = replace(_by_client(work, held.actor), note=note)
        verdict = Verdict(supplement_id, Action.WITHDRAW, decision)
        return await _decided(work, held, verdict, once)


async def read(database: Database, caller: Caller, order_id: str) -> tuple[Supplement, ...]:
    """Read an order's supplements, oldest first; raises a 404 Problem for no order of theirs."""
    async with database.reading() as connection:
        order = await orders.load(connection, order_id, access.visible_to(caller))
    if order is None:
        raise not_found("order")
    return order.supplements


async def read_one(
    database: Database, caller: Caller, order_id: str, supplement_id: str
) -> Supplement:
    """Read one supplement; raises a 404 Problem for none of the caller's."""
    for supplement in await read(database, caller, order_id):
        if supplement.id == supplement_id:
            return supplement
    raise not_found("supplement")


async def _decided(work: Transaction, held: Held, verdict: Verdict, once: Once[View]) -> Answer:
    with work_refusals.told():
        order, events = authorization.decide(held.order, verdict)
    await record(work, held.before, order, events, held.actor)
    payments = await ledger.of_orders(work.connection, [order.id])
    return await once.answer(work, View(order, payments[order.id]))


def _decision(work: Transaction, actor: Actor, said: Said) -> Decision:
    own = _by_client(work, actor)
    if actor.role == Scope.PARTNER:
        if said.way or said.by or said.at:
            raise invalid("/way", "own-decision", "This is your own decision: leave out whose.")
        return replace(own, note=said.note)
    if said.way is None:
        raise invalid("/way", "missing", "Say how the partner decided.")
    if said.by is None:
        raise invalid("/by", "missing", "Name the person who decided.")
    if said.at and said.at > work.now:
        raise invalid("/at", "in-the-future", "Nobody has decided that yet.")
    return replace(own, way=said.way, by=said.by, at=said.at or work.now, note=said.note)


def _by_client(work: Transaction, actor: Actor) -> Decision:
    return Decision(Way.API, work.now, work.now, role=actor.role, client_id=actor.client_id)


def _identified(line: Line, supplement_id: str) -> Line:
    return replace(line, id=new_id("itm"), supplement_id=supplement_id)


def _check_currency(order: Order, lines: Sequence[Line]) -> None:
    wanted = order.terms.currency
    for place, line in enumerate(lines):
        for name in ("labour", "parts", "fees"):
            part = getattr(line, name)
            if part and part.currency != wanted:
                message = f"The order is in {wanted}."
                raise invalid(f"/items/{place}/{name}/currency", "other-currency", message)


async def _check_attachments(work: Transaction, order_id: str, wanted: Sequence[str]) -> None:
    if not wanted:
        return
    there = {each.id for each in await attachments.of_order(work.connection, order_id)}
    for place, attachment_id in enumerate(wanted):
        if attachment_id not in there:
            message = "The order has no such attachment."
            raise invalid(f"/attachment_ids/{place}", "unknown-attachment", message)
