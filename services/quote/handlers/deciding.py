"""What becomes of a quote: declined, expired, ordered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from services.quote import outgoing
from services.quote.domain import deciding as lines
from services.quote.domain import quote as domain
from services.quote.domain.authorization import Authorization, Consent, How
from services.quote.domain.lifecycle import Action
from services.quote.domain.quote import Quote
from services.quote.handlers import refusals
from services.quote.handlers.recording import locked, recorded
from services.quote.repository import access, quotes
from shared.auth import Caller, Scope
from shared.contracts import BookingV1, QuoteV1, ServiceV1
from shared.database import Database, Transaction
from shared.idempotency import Answer, Once
from shared.problems import invalid, not_found

EXPIRE_BATCH = 200


@dataclass(frozen=True, slots=True)
class Said:
    """How somebody's word on a line came in; whoever decides for another says both."""

    how: How | None = None
    name: str | None = None


async def decline(
    database: Database, caller: Caller, quote_id: str, reason: str | None, once: Once[QuoteV1]
) -> Answer:
    """Decline a quote; raises a Problem: 404 for none of the caller's, 409 when it is too late."""
    async with database.transaction() as work:
        if answer := await once.replayed(work):
            return answer
        quote = await locked(work, quote_id, access.concerns(caller))
        declined = await _act(work, quote, Action.DECLINE, reason=reason)
        return await once.answer(work, declined)


async def decide_line(
    database: Database,
    caller: Caller,
    quote_id: str,
    item_id: str,
    wanted: Authorization,
    said: Said,
) -> QuoteV1:
    """Authorise or decline a line; raises a Problem. The same decision again changes nothing."""
    async with database.transaction() as work:
        quote = await locked(work, quote_id, access.concerns(caller))
        if all(item.id != item_id for item in quote.items):
            raise not_found("line of this quote")
        consent = _consent(caller, quote, said, work.now)
        with refusals.told():
            decided = lines.decide(quote, item_id, wanted, consent)
        if decided is None:
            return outgoing.snapshot(quote)
        changed, event = decided
        return await recorded(work, changed, event, lines=True)


def _consent(caller: Caller, quote: Quote, said: Said, now: datetime) -> Consent:
    own = caller.partner_id == quote.partner_id and Scope.PARTNER in caller.scopes
    role = Scope.PARTNER if own else Scope.OPERATOR if caller.is_operator else Scope.WORKSHOP
    if not own and (said.name is None or said.how in {None, How.API}):
        message = "Say whose word it is, and how it was given: by phone, email or in person."
        raise invalid("/authorized_by", "missing", message)
    return Consent(said.how or How.API, now, said.name, role, caller.client_id)


async def expire_due(database: Database) -> int:
    """Expire a batch of quotes whose time is up; returns how many."""
    async with database.transaction() as work:
        due = await quotes.due_to_expire(work.connection, work.now, EXPIRE_BATCH)
        for quote in due:
            await _act(work, quote, Action.EXPIRE)
    return len(due)


async def mark_ordered(work: Transaction, order: ServiceV1, quote_id: str) -> None:
    """Follow the order service, which decided that the quote was bought."""
    quote = await quotes.load(work.connection, quote_id, access.ANY, lock=True)
    if quote is None or quote.order_id is not None:
        return
    version = order.quote_version or quote.version
    changed, event = domain.act(quote, Action.ORDER, order_id=order.id, ordered_version=version)
    paid = lines.bought(changed, {item.id for item in order.items}, work.now)
    await recorded(work, paid, event, lines=True)


async def note_visit(work: Transaction, booking: BookingV1, quote_id: str) -> None:
    """Follow the booking service: a visit for the quote's work was booked, or cancelled again."""
    quote = await quotes.load(work.connection, quote_id, access.ANY, lock=True)
    if quote is None or quote.partner_id != booking.partner_id:
        return
    follow = domain.unbook if booking.status == "cancelled" else domain.book
    if noted := follow(quote, booking.id):
        await recorded(work, *noted)


async def _act(
    work: Transaction,
    quote: Quote,
    action: Action,
    *,
    reason: str | None = None,
) -> QuoteV1:
    with refusals.told():
        changed, event = domain.act(quote, action, reason=reason)
    return await recorded(work, changed, event)
