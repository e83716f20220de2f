"""Making quotes, and what becomes of them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement

from services.quote import outgoing
from services.quote.domain import quote as domain
from services.quote.domain.quote import Action, NotAllowed, Quote, Request, Terms
from services.quote.domain.rate_card import Rate
from services.quote.domain.vehicle import VinVerdict, judge_vin
from services.quote.repository import projections, quotes
from services.quote.repository import rates as rate_card
from shared.auth import Caller
from shared.contracts import QuoteV1
from shared.database import Database, Transaction
from shared.idempotency import Answer, Once
from shared.ids import new_id
from shared.prefer import until
from shared.problems import FieldError, Problem, invalid, not_found

EXPIRE_BATCH = 200


async def create(
    database: Database,
    caller: Caller,
    request: Request,
    terms: Terms,
    once: Once[QuoteV1],
    *,
    wait: float,
) -> Answer:
    """Price a request, and answer with the quote; raises a Problem that names what is wrong."""
    _check_vin(request)
    await _wait_for_references(database, caller, request, wait)
    async with database.transaction() as work:
        if answer := await once.replayed(work):
            return answer
        rates = await _rates(work, request)
        item_ids = [new_id("itm") for _ in request.items]
        try:
            quote, event = domain.create(
                new_id("quo"), item_ids, caller.partner_id, request, rates, terms, work.now
            )
        except ValueError as mixed:
            raise invalid("/items", "mixed-currencies", str(mixed)) from mixed
        await quotes.add(work.connection, quote)
        shown = outgoing.snapshot(quote)
        work.publish(outgoing.event(quote, event, shown))
        return await once.answer(work, shown)


async def decline(
    database: Database, caller: Caller, quote_id: str, reason: str | None, once: Once[QuoteV1]
) -> Answer:
    """Decline a quote; raises a Problem: 404 for none of the caller's, 409 when it is too late."""
    async with database.transaction() as work:
        if answer := await once.replayed(work):
            return answer
        quote = await _locked(work, quote_id, quotes.visible_to(caller))
        declined = await _act(work, quote, Action.DECLINE, reason=reason)
        return await once.answer(work, declined)


async def read(database: Database, caller: Caller, quote_id: str) -> Quote:
    """Read one quote; raises a 404 Problem for none of the caller's."""
    async with database.reading() as connection:
        quote = await quotes.load(connection, quote_id, quotes.visible_to(caller))
    if quote is None:
        raise not_found("quote")
    return quote


async def page(
    database: Database,
    caller: Caller,
    conditions: Sequence[ColumnElement[bool]],
    *,
    before: str | None,
    limit: int,
) -> list[Quote]:
    """Read quotes of the caller's, newest first."""
    async with database.reading() as connection:
        mine = [quotes.visible_to(caller), *conditions]
        return await quotes.page(connection, mine, before=before, limit=limit)


async def expire_due(database: Database) -> int:
    """Expire a batch of quotes whose time is up; returns how many."""
    async with database.transaction() as work:
        due = await quotes.due_to_expire(work.connection, work.now, EXPIRE_BATCH)
        for quote in due:
            await _act(work, quote, Action.EXPIRE)
    return len(due)


async def mark_ordered(work: Transaction, quote_id: str, order_id: str) -> None:
    """Follow the order service, which decided that the quote was bought."""
    quote = await quotes.load(work.connection, quote_id, quotes.ANY, lock=True)
    if quote is not None and quote.order_id is None:
        await _act(work, quote, Action.ORDER, order_id=order_id)


async def _act(
    work: Transaction,
    quote: Quote,
    action: Action,
    *,
    reason: str | None = None,
    order_id: str | None = None,
) -> QuoteV1:
    try:
        quote, event = domain.act(quote, action, reason=reason, order_id=order_id)
    except NotAllowed as refused:
        allowed = [action for action in refused.allowed if action is not Action.ORDER]
        raise Problem(
            409, "transition-not-allowed", str(refused), extra={"allowed": allowed}
        ) from refused
    await quotes.save(work.connection, quote)
    shown = outgoing.snapshot(quote)
    work.publish(outgoing.event(quote, event, shown))
    return shown


async def _locked(work: Transaction, quote_id: str, visible: ColumnElement[bool]) -> Quote:
    quote = await quotes.load(work.connection, quote_id, visible, lock=True)
    if quote is None:
        raise not_found("quote")
    return quote


def _check_vin(request: Request) -> None:
    match judge_vin(request.vehicle.vin):
        case VinVerdict.MALFORMED:
            message = "A VIN has 17 letters and digits, without I, O and Q."
            raise invalid("/vehicle/vin", "invalid-vin", message)
        case VinVerdict.WRONG_CHECK_DIGIT:
            message = "The ninth character, the check digit, doesn't match the others."
            raise invalid("/vehicle/vin", "wrong-check-digit", message)


async def _rates(work: Transaction, request: Request) -> list[Rate]:
    """Find each item's rate: that of the vehicle's class, or else the one for any."""
    asked = [item.service for item in request.items]
    found = await rate_card.fitting(
        work.connection,
        set(asked),
        request.vehicle.vehicle_class,
        request.workshop_id,
        work.now,
    )
    unknown = [
        FieldError(
            f"/items/{number}/service",
            "unknown-service",
            f"No rate card has {service!r}; GET /v1/rate-cards lists what there is.",
        )
        for number, service in enumerate(asked)
        if service not in found
    ]
    if unknown:
        raise Problem(422, "invalid-request", "There are items without a price.", unknown)
    return [found[service] for service in asked]


async def _wait_for_references(
    database: Database, caller: Caller, request: Request, wait: float
) -> None:
    """Wait for the workshop and the deal, which may have been made a moment ago elsewhere."""

    async def missing() -> FieldError | None:
        async with database.reading() as connection:
            workshop, deal = request.workshop_id, request.deal_id
            if workshop and not await projections.knows_workshop(connection, workshop):
                return FieldError("/workshop_id", "unknown-workshop", "There is no such workshop.")
            owner = caller.partner_id
            if deal and not await projections.knows_open_deal(connection, deal, owner):
                return FieldError("/deal_id", "unknown-deal", "There is no such open deal.")
        return None

    async def all_there() -> bool | None:
        return None if await missing() else True

    if not (request.workshop_id or request.deal_id) or await until(all_there, wait):
        return
    if error := await missing():
        raise Problem(422, "invalid-request", error.message, [error])
