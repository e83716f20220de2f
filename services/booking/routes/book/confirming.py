"""The third step: the details, with which the time that is held is booked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from services.booking.domain.booking import Source
from services.booking.domain.hold import Hold, Status
from services.booking.domain.request import Visit
from services.booking.domain.visitor import Deed
from services.booking.handlers import booking_page, bookings, holds
from services.booking.handlers.booking_page import Wish, customer_of
from services.booking.handlers.holds import HeldSlot
from services.booking.routes.book.desk import (
    Desk,
    Guest,
    WorkshopId,
    admit,
    enter,
    managed,
    once,
    settled,
)
from services.booking.routes.book.details import details
from services.booking.routes.book.times import times
from services.booking.schemas import page_forms
from services.booking.schemas.page_forms import Mistyped
from services.booking.sealing import Altered, Purpose
from shared.auth import Caller
from shared.idempotency import Answer
from shared.origin import own_form
from shared.problems import Problem

OF_FIELDS = {"/customer": "email"}
BOOKED, BEFORE = "booked", "before"


@dataclass(frozen=True, slots=True)
class Kept:
    """What a visitor came to book with: the hold, and on whose behalf."""

    token: str
    hold: Hold
    caller: Caller
    reference: str | None
    source: Source
    code: str | None


def add(router: APIRouter, desk: Desk) -> None:
    """Add the step's routes."""

    @router.get("/details")
    async def ask_for_details(request: Request, workshop_id: WorkshopId) -> Response:
        guest = await enter(desk, request, late=True)
        kept = await _kept(desk, guest, request)
        if kept.hold.status is Status.CONFIRMED:
            return RedirectResponse(managed(desk, guest.carried, kept.hold.booking_id), 303)
        return details(desk, guest, kept.token, kept.hold, guest.link.typed if guest.link else {})

    @router.post("/details", dependencies=[Depends(own_form)])
    async def book(request: Request, workshop_id: WorkshopId) -> Response:
        guest = await enter(desk, request, late=True)
        kept = await _kept(desk, guest, request)
        form = await request.form(max_fields=50, max_files=0)
        given = page_forms.typed(form)
        attempt = page_forms.attempt(form.get("attempt"))
        try:
            visit = page_forms.visit(given, _rest_of_car(guest, given)).visit()
        except Mistyped as wrong:
            return details(desk, guest, kept.token, kept.hold, given, wrong.errors)
        if attempt is None:
            return details(desk, guest, kept.token, kept.hold, given)
        await admit(desk, request, Deed.BOOK)
        visit = replace(
            visit,
            external_reference=kept.reference,
            source=kept.source,
            reminder_code=kept.code,
            manage_url=lambda made: desk.public_url + managed(desk, guest.carried, made),
        )
        try:
            place, booking_id, told = (await _booked(desk, guest, kept, visit, attempt)).split()
        except Problem as refused:
            return await _refused(desk, guest, kept, given, refused)
        if told == BEFORE:
            await holds.release(desk.database, kept.caller, kept.hold.id)
        there = replace(guest.carried, workshop_id=place)
        return RedirectResponse(managed(desk, there, booking_id, told), 303)


async def _kept(desk: Desk, guest: Guest, request: Request) -> Kept:
    token = request.query_params.get("hold", "")
    claims = desk.seals.open(Purpose.HOLD, token, None)
    caller = customer_of(claims["partner"])
    hold = await holds.read(desk.database, caller, claims["hold"])
    if hold.workshop.id != guest.workshop.id:
        raise Altered
    source, code = Source(claims["source"]), claims["code"]
    return Kept(token, hold, caller, claims["reference"], source, code)


async def _booked(desk: Desk, guest: Guest, kept: Kept, visit: Visit, attempt: str) -> str:
    same = once(guest.workshop, _made, attempt, kept.hold.id)
    slot = HeldSlot(kept.hold.id, retake=True)
    return await settled(lambda: bookings.create(desk.database, kept.caller, slot, visit, same))


async def _refused(
    desk: Desk, guest: Guest, kept: Kept, given: dict[str, str], refused: Problem
) -> Response:
    """Say what became of it; what was typed stays, whatever it is."""
    if booking_id := refused.extra.get("booking_id"):
        workshop, booking = await booking_page.booking_of(desk.database, booking_id)
        there = replace(guest.carried, workshop_id=workshop.id)
        return RedirectResponse(managed(desk, there, booking.id, BEFORE), 303)
    pointer = refused.errors[0].pointer if refused.errors else ""
    if pointer in OF_FIELDS:
        errors = {OF_FIELDS[pointer]: refused.errors[0].code}
        return details(desk, guest, kept.token, kept.hold, given, errors)
    if refused.status not in {409, 422}:
        raise refused
    code = refused.errors[0].code if refused.status == 422 and refused.errors else refused.code
    hold = kept.hold
    return await times(
        desk,
        guest,
        Wish.of(hold.job),
        hold.job,
        hold.placement.drop_off_at,
        told=code,
        given=given,
    )


def _rest_of_car(guest: Guest, given: dict[str, str]) -> dict[str, Any]:
    """Return what the link says of the car besides, if that is the car."""
    link = guest.link
    if link is None or given.get("plate", "").strip() != link.typed.get("plate"):
        return {}
    return dict(link.car)


def _made(booked: bookings.Booked) -> Answer:
    """Say which booking it is, of which workshop, and whether it stood before."""
    booking, told = booked.booking, BOOKED if booked.is_new else BEFORE
    return Answer(303, f"{booking.workshop.id} {booking.id} {told}".encode())
