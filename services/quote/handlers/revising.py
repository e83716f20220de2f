"""Making the next version of a quote."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from services.quote import outgoing
from services.quote.domain import quote as domain
from services.quote.domain.lifecycle import Action
from services.quote.domain.pricing import Offer
from services.quote.domain.quote import Quote, Terms
from services.quote.domain.request import Asked, Request
from services.quote.domain.revision import Wanted, revise
from services.quote.handlers import offering, rating, refusals
from services.quote.handlers.recording import locked, recorded
from services.quote.repository import access, quotes, versions, workload
from shared.auth import Caller
from shared.contracts import QuoteV1
from shared.database import Database, Transaction
from shared.idempotency import Answer, Once
from shared.ids import new_id
from shared.problems import FieldError, Problem


@dataclass(frozen=True, slots=True)
class Line:
    """A line as somebody wants it: a new one, or one that stands (`item_id`), changed."""

    item_id: str | None
    asked: Asked
    changed: Callable[[Asked], Asked]
    offer: Offer | None


@dataclass(frozen=True, slots=True)
class Revision:
    """What the next version is to be, and what changes of the request itself."""

    lines: Sequence[Line]
    changed: Callable[[Request], Request]
    reason: str | None = None


async def make_version(
    database: Database,
    caller: Caller,
    quote_id: str,
    revision: Revision,
    terms: Terms,
    once: Once[QuoteV1],
) -> Answer:
    """Make the next version of a quote, and keep this one as it was shown; raises a Problem."""
    async with database.transaction() as work:
        if answer := await once.replayed(work):
            return answer
        quote = await locked(work, quote_id, access.concerns(caller))
        prices = access.priceable_by(caller)
        by_partner = not await quotes.is_among(work.connection, quote_id, prices)
        with refusals.told():
            domain.act(quote, Action.REVISE)
        _refuse(quote, revision.lines, by_partner=by_partner)
        wanted = await _wanted(work, quote, revision.lines)
        waiting = await workload.waiting(work.connection, quote.request.workshop_id)
        request = revision.changed(quote.request)
        with refusals.told():
            changed, event = revise(
                replace(quote, request=request),
                wanted,
                terms,
                work.now,
                by_partner=by_partner,
                waiting=waiting,
                reason=revision.reason,
            )
        await versions.freeze(work.connection, outgoing.snapshot(quote), work.now)
        shown = await recorded(work, changed, event, lines=True)
        return await once.answer(work, shown)


def _refuse(quote: Quote, lines: Sequence[Line], *, by_partner: bool) -> None:
    known = {item.id for item in quote.items}
    named = [line.item_id for line in lines]
    errors = []
    for number, line in enumerate(lines):
        if line.item_id and line.item_id not in known:
            pointer, message = f"/items/{number}/item_id", "The quote has no such line."
            errors.append(FieldError(pointer, "unknown-item", message))
        elif line.item_id and line.item_id in named[:number]:
            pointer, message = f"/items/{number}/item_id", "The line is there twice."
            errors.append(FieldError(pointer, "repeated", message))
        if line.offer and by_partner:
            pointer, message = f"/items/{number}/price", "Prices are the workshop's to give."
            errors.append(FieldError(pointer, "not-yours-to-price", message))
    if errors:
        raise Problem(422, "invalid-request", "There are lines that can't be had.", errors)


async def _wanted(work: Transaction, quote: Quote, lines: Sequence[Line]) -> list[Wanted]:
    standing = {item.id: item.asked for item in quote.items}
    asked = [line.changed(standing[line.item_id]) if line.item_id else line.asked for line in lines]
    vehicle_class = quote.request.vehicle.vehicle_class
    rates = await rating.rates_for(work, asked, vehicle_class, quote.request.workshop_id)
    pointers = [f"/items/{number}/price/tax_rate" for number in range(len(lines))]
    given = {at: line.offer for at, line in zip(pointers, lines, strict=True) if line.offer}
    offers = await offering.taxed(work, given, quote.request.workshop_id)
    return [
        Wanted(line.item_id or new_id("itm"), each, offers.get(pointer), rate)
        for pointer, line, each, rate in zip(pointers, lines, asked, rates, strict=True)
    ]
