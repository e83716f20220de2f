"""Ordering without a quote: priced by the rate cards, then paid or put on a deal."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from services.order.domain import rate_card, vin
from services.order.domain.direct import MixedCurrencies, Request, order_of
from services.order.domain.order import Order
from services.order.domain.rate_card import NeedsPerson, Place, Priced, UnknownService
from services.order.handlers import deals, rolling
from services.order.handlers.checkout import Attempt, pay_for
from services.order.handlers.paying import Means
from services.order.handlers.scheduling import past
from services.order.handlers.settling import Till
from services.order.repository import access, orders, projections, rate_cards
from shared.auth import Caller
from shared.database import Database, Transaction
from shared.idempotency import Answer, Once
from shared.ids import new_id
from shared.prefer import until
from shared.problems import FieldError, Problem, invalid


async def buy(
    till: Till, caller: Caller, request: Request, means: Means, once: Once[Attempt], *, wait: float
) -> Answer:
    """Order and pay; an order whose payment fails waits for another attempt."""
    request = _checked(till.database, request)
    await _wait_for_references(till.database, request, wait)
    return await pay_for(till, caller, partial(_made, caller, request), means, once, wait=wait)


async def put_on_deal(
    database: Database, caller: Caller, request: Request, once: Once[Attempt], *, wait: float
) -> Answer:
    """Order what the final invoice of a deal will have."""
    if request.deal_id is None:
        raise rolling.without_deal()
    request = _checked(database, request)
    await _wait_for_references(database, request, wait)
    async with database.transaction() as work:
        if answer := await once.replayed(work):
            return answer
        order = await _made(caller, request, work)
        placed = await rolling.place(work, caller, order)
        return await once.answer(work, Attempt(placed, (), None))


async def _made(caller: Caller, request: Request, work: Transaction) -> Order:
    """Make the unpaid order; raises a Problem that names what is wrong."""
    priced = await _priced(work, request)
    try:
        order = order_of(new_id("ord"), caller.partner_id, request, priced, work.now)
    except MixedCurrencies as mixed:
        raise invalid("/items", "mixed-currencies", f"Order them apart: {mixed}.") from None
    cap = order.terms.pre_authorized
    if cap and cap.currency != order.terms.currency:
        message = f"The order is in {order.terms.currency}."
        raise invalid("/pre_authorized/currency", "other-currency", message)
    if order.deal_id:
        await deals.hold_open(work, order.partner_id, order.deal_id, order.terms.currency)
    await orders.add(work.connection, order)
    actor = access.actor_on(order.partner_id, caller)
    await orders.record(work.connection, None, order, at=work.now, actor=actor, event_id=None)
    return order


async def _priced(work: Transaction, request: Request) -> list[Priced]:
    workshop = request.workshop_id
    cards = await rate_cards.of_services(
        work.connection, (item.service for item in request.items), workshop
    )
    taxed_in = rate_card.NOWHERE
    if workshop:
        taxed_in = await projections.jurisdiction_of(work.connection, workshop)
    place = Place(request.vehicle.vehicle_class or rate_card.ANY, workshop, taxed_in, work.now)
    priced, errors = [], []
    for at, item in enumerate(request.items):
        pointer = f"/items/{at}/service"
        try:
            priced.append(rate_card.price(cards, item, place, new_id("itm")))
        except UnknownService:
            message = f"No rate card has {item.service!r}; GET /v1/rate-cards lists what there is."
            errors.append(FieldError(pointer, "unknown-service", message))
        except NeedsPerson:
            message = "A person has to price it for this vehicle: ask for a quote."
            errors.append(FieldError(pointer, "needs-a-quote", message))
    if errors:
        raise Problem(422, "invalid-request", errors[0].message, errors)
    return priced


def _checked(database: Database, request: Request) -> Request:
    """Refuse what can't be ordered, and add the class that the VIN tells."""
    number = request.vehicle.vin or ""
    if not vin.is_well_formed(number):
        message = "A VIN has 17 letters and digits, without I, O and Q."
        raise invalid("/vehicle/vin", "invalid-vin", message)
    if vin.has_wrong_check_digit(number):
        message = "The ninth character, the check digit, doesn't match the others."
        raise invalid("/vehicle/vin", "wrong-check-digit", message)
    if request.start_at < database.clock.now():
        raise past("/schedule/start_at")
    if request.needed_by and request.needed_by < request.start_at:
        raise invalid("/needed_by", "before-start", "The work begins later than that.")
    if request.vehicle.vehicle_class not in {None, rate_card.ANY}:
        return request
    known = vin.vehicle_class(number) or rate_card.ANY
    return replace(request, vehicle=replace(request.vehicle, vehicle_class=known))


async def _wait_for_references(database: Database, request: Request, wait: float) -> None:
    """Wait for the workshop and the rate cards, which may have been made a moment ago."""
    wanted = {item.service for item in request.items}

    async def all_there() -> bool | None:
        async with database.reading() as connection:
            if request.workshop_id and not await projections.knows(connection, request.workshop_id):
                return None
            cards = await rate_cards.of_services(connection, wanted, request.workshop_id)
        return True if wanted <= {card.service for card in cards} else None

    if await until(all_there, wait) or request.workshop_id is None:
        return
    async with database.reading() as connection:
        if not await projections.knows(connection, request.workshop_id):
            raise invalid("/workshop_id", "unknown-workshop", "There is no such workshop.")
