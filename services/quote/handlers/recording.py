"""What every change of a quote begins with, and what it leaves behind."""

from __future__ import annotations

from sqlalchemy import ColumnElement

from services.quote import outgoing
from services.quote.domain.lifecycle import QuoteEvent
from services.quote.domain.quote import Quote
from services.quote.repository import quotes
from shared.contracts import QuoteV1
from shared.database import Transaction
from shared.problems import not_found


async def locked(work: Transaction, quote_id: str, whose: ColumnElement[bool]) -> Quote:
    """Load a quote and hold it until the transaction ends; raises a 404 Problem for none."""
    quote = await quotes.load(work.connection, quote_id, whose, lock=True)
    if quote is None:
        raise not_found("quote")
    return quote


async def recorded(
    work: Transaction, quote: Quote, event: QuoteEvent, *, lines: bool = False
) -> QuoteV1:
    """Save what changed (the lines only when told to), tell of it, and return what is shown."""
    await quotes.save(work.connection, quote, lines=lines)
    shown = outgoing.snapshot(quote)
    work.publish(outgoing.event(quote, event, shown))
    return shown
