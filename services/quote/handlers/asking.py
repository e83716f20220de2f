"""Making quotes of what is asked for."""

from __future__ import annotations

from dataclasses import replace

from services.quote import outgoing
from services.quote.domain import quote as domain
from services.quote.domain import vin
from services.quote.domain.quote import Terms
from services.quote.domain.request import Request
from services.quote.domain.vehicle import VinVerdict, judge_vin
from services.quote.handlers import rating, refusals
from services.quote.repository import projections, quotes, workload
from shared.auth import Caller
from shared.contracts import QuoteV1
from shared.database import Database
from shared.idempotency import Answer, Once
from shared.ids import new_id
from shared.prefer import until
from shared.problems import FieldError, Problem, invalid


async def create(
    database: Database,
    caller: Caller,
    request: Request,
    terms: Terms,
    once: Once[QuoteV1],
    *,
    wait: float,
) -> Answer:
    """Price a request, and answer with the quote; raises a Problem that names what is wrong.

    Lines that need a person are left open, and the quote is pending until they are priced.
    """
    _check_vin(request)
    this_year = database.clock.now().year
    request = replace(request, vehicle=vin.completed(request.vehicle, this_year))
    await _wait_for_references(database, caller, request, wait)
    async with database.addition() as work:
        if answer := await once.replayed(work):
            return answer
        waiting = await workload.waiting(work.connection, request.workshop_id)
        rates = await rating.rates_for(
            work, request.items, request.vehicle.vehicle_class, request.workshop_id
        )
        item_ids = [new_id("itm") for _ in request.items]
        with refusals.told():
            quote, event = domain.create(
                new_id("quo"), item_ids, caller.partner_id, request, rates, terms, work.now, waiting
            )
        work.add(*quotes.ADD, values=quotes.values(quote))
        shown = outgoing.snapshot(quote)
        work.publish(outgoing.event(quote, event, shown))
        return await once.answer(work, shown)


def _check_vin(request: Request) -> None:
    match judge_vin(request.vehicle.vin):
        case VinVerdict.MALFORMED:
            message = "A VIN has 17 letters and digits, without I, O and Q."
            raise invalid("/vehicle/vin", "invalid-vin", message)
        case VinVerdict.WRONG_CHECK_DIGIT:
            message = "The ninth character, the check digit, doesn't match the others."
            raise invalid("/vehicle/vin", "wrong-check-digit", message)


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
