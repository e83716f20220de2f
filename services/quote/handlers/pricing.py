"""Giving prices to lines that a person has to price."""

from __future__ import annotations

from collections.abc import Mapping

from services.quote.domain import pricing as domain
from services.quote.domain.lifecycle import Status
from services.quote.domain.pricing import Offer
from services.quote.domain.quote import Quote, Terms
from services.quote.handlers import offering, refusals
from services.quote.handlers.recording import locked, recorded
from services.quote.repository import access, workload
from shared.auth import Caller
from shared.contracts import QuoteV1
from shared.database import Database
from shared.idempotency import Answer, Once
from shared.problems import FieldError, Problem


async def price(
    database: Database,
    caller: Caller,
    quote_id: str,
    offers: Mapping[str, Offer],
    terms: Terms,
    once: Once[QuoteV1],
) -> Answer:
    """Price the open lines, by their ids in the order of the body; raises a Problem."""
    async with database.transaction() as work:
        if answer := await once.replayed(work):
            return answer
        quote = await locked(work, quote_id, access.priceable_by(caller))
        if quote.status is Status.PENDING:
            _refuse_closed(quote, offers)
        by_pointer = {f"/items/{n}/tax_rate": offer for n, offer in enumerate(offers.values())}
        told = await offering.taxed(work, by_pointer, quote.request.workshop_id)
        offers = dict(zip(offers, told.values(), strict=True))
        waiting = await workload.waiting(work.connection, quote.request.workshop_id)
        with refusals.told():
            changed, event = domain.price(
                quote, offers, caller.partner_id, terms, work.now, waiting
            )
        shown = await recorded(work, changed, event, lines=True)
        return await once.answer(work, shown)


def _refuse_closed(quote: Quote, offers: Mapping[str, Offer]) -> None:
    lines = {item.id: item for item in quote.items}
    errors = []
    for number, item_id in enumerate(offers):
        pointer = f"/items/{number}/item_id"
        if item_id not in lines:
            errors.append(FieldError(pointer, "unknown-item", "The quote has no such line."))
        elif lines[item_id].price:
            message = "This line has its price; a revision can change it."
            errors.append(FieldError(pointer, "already-priced", message))
    if errors:
        raise Problem(422, "invalid-request", "There are lines that can't be priced.", errors)
