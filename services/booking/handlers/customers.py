"""Customers: known from bookings, and asked what they want."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from services.booking.domain.booking import Booking
from services.booking.domain.customer import Known, Unsubscribed, check_wishes
from services.booking.domain.odometer import ROLLED_BACK, Reading, warnings
from services.booking.repository import customers, vehicles
from shared.auth import Caller
from shared.database import Database, Transaction
from shared.ids import new_id
from shared.problems import Problem, not_found


async def introduce(work: Transaction, booking: Booking, time_zone: str | None = None) -> Booking:
    """Say who the customer of a booking is, and what is odd about its car's odometer."""
    known = Known(new_id("cus"), booking.partner_id, booking.details.customer, time_zone)
    customer_id = await customers.keep(work.connection, known, work.now)
    car, found = booking.details.car, None
    before = await vehicles.readings(
        work.connection, booking.partner_id, car, except_for=booking.id
    )
    if car.mileage is not None:
        found = Reading(booking.drop_off_at, car.mileage)
    others = tuple(each for each in booking.warnings if each != ROLLED_BACK)
    odd = warnings(before, found)
    return replace(booking, customer_id=customer_id, warnings=(*others, *odd))


async def accepts_reminders(work: Transaction, booking: Booking) -> bool:
    """Tell whether the customer of a booking wants to be reminded."""
    if booking.customer_id is None:
        return True
    known = await customers.load(work.connection, booking.customer_id, customers.ANY)
    return known is None or known.accepts_reminders


async def read(database: Database, caller: Caller, customer_id: str) -> Known:
    """Read one customer; raises a 404 Problem for none of the caller's."""
    async with database.reading() as connection:
        known = await customers.load(connection, customer_id, customers.visible_to(caller))
    if known is None:
        raise not_found("customer")
    return known


async def amend(
    database: Database, caller: Caller, customer_id: str, edit: Callable[[Known], Known]
) -> Known:
    """Change what a customer wants.

    Raises a Problem: 404 for none of the caller's, 409 for one who ended reminders themselves.
    """
    async with database.transaction() as work:
        visible = customers.visible_to(caller)
        before = await customers.load(work.connection, customer_id, visible, lock=True)
        if before is None:
            raise not_found("customer")
        after = edit(before)
        try:
            check_wishes(after)
        except Unsubscribed:
            detail = "The customer ended reminders by the link in a mail."
            raise Problem(409, "unsubscribed", detail) from None
        await customers.save(work.connection, after)
    return after
