"""What becomes of a quote: declined, expired, ordered."""

from __future__ import annotations

from services.quote.domain import quote as domain
from services.quote.domain.lifecycle import Action
from services.quote.domain.quote import Quote
from services.quote.handlers import refusals
from services.quote.handlers.recording import locked, recorded
from services.quote.repository import access, quotes
from shared.auth import Caller
from shared.contracts import QuoteV1
from shared.database import Database, Transaction
from shared.idempotency import Answer, Once

EXPIRE_BATCH = 200


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


async def expire_due(database: Database) -> int:
    """Expire a batch of quotes whose time is up; returns how many."""
    async with database.transaction() as work:
        due = await quotes.due_to_expire(work.connection, work.now, EXPIRE_BATCH)
        for quote in due:
            await _act(work, quote, Action.EXPIRE)
    return len(due)


async def mark_ordered(
    work: Transaction, quote_id: str, order_id: str, version: int | None
) -> None:
    """Follow the order service, which decided that the quote was bought."""
    quote = await quotes.load(work.connection, quote_id, access.ANY, lock=True)
    if quote is not None and quote.order_id is None:
        changed, event = domain.act(
            quote,
            Action.ORDER,
            order_id=order_id,
            ordered_version=version or quote.version,
        )
        await recorded(work, changed, event)


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
