"""A booking, seen and cancelled by whoever has its link."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from services.booking.domain.booking import Booking, Status
from services.booking.domain.need import Job
from services.booking.domain.visitor import Deed
from services.booking.domain.workshop import Workshop
from services.booking.handlers import changes
from services.booking.handlers.booking_page import customer_of
from services.booking.pages import said
from services.booking.pages.calendar_file import calendar_file
from services.booking.pages.rendering import Carried, page
from services.booking.routes.book.desk import (
    Desk,
    WorkshopId,
    admit,
    keeper,
    managed,
    once,
    settled,
)
from services.booking.schemas import page_forms
from services.booking.schemas.page_forms import Mistyped
from shared.idempotency import Answer
from shared.origin import own_form
from shared.problems import Problem

TOLD = {"booked", "moved", "cancelled", "before"}


def add(router: APIRouter, desk: Desk) -> None:
    """Add the routes."""

    @router.get("/manage")
    async def see(request: Request, workshop_id: WorkshopId) -> Response:
        carried, workshop, booking = await keeper(desk, request)
        told = request.query_params.get("told", "")
        return _sheet(desk, request, carried, workshop, booking, told if told in TOLD else "")

    @router.get("/cancel")
    async def ask_why(request: Request, workshop_id: WorkshopId) -> Response:
        carried, workshop, booking = await keeper(desk, request)
        if not may_change(desk, workshop, booking):
            return RedirectResponse(managed(desk, carried, booking.id), 303)
        return _asked_why(desk, request, carried, workshop, booking)

    @router.post("/cancel", dependencies=[Depends(own_form)])
    async def cancel(request: Request, workshop_id: WorkshopId) -> Response:
        carried, workshop, booking = await keeper(desk, request)
        form = await request.form(max_fields=10, max_files=0)
        given = form.get("reason")
        given = given if isinstance(given, str) else ""
        try:
            reason = page_forms.reason(given)
        except Mistyped as wrong:
            code = wrong.errors["reason"]
            return _asked_why(desk, request, carried, workshop, booking, given[:1000], code)
        if not may_change(desk, workshop, booking):
            return RedirectResponse(managed(desk, carried, booking.id), 303)
        await admit(desk, request, Deed.CHANGE)
        caller = customer_of(booking.partner_id)
        same = once(workshop, shown, "cancel", booking.id)
        try:
            await settled(
                lambda: changes.move(
                    desk.database, caller, booking.id, Status.CANCELLED, reason, same
                )
            )
        except Problem as refused:
            if refused.status == 403:  # what only a workshop may give as a reason
                return _asked_why(desk, request, carried, workshop, booking, given, "reason")
            if refused.status != 409:
                raise
            return RedirectResponse(managed(desk, carried, booking.id), 303)
        return RedirectResponse(managed(desk, carried, booking.id, "cancelled"), 303)

    @router.get("/booking.ics")
    async def download(request: Request, workshop_id: WorkshopId) -> Response:
        carried, workshop, booking = await keeper(desk, request)
        url = desk.public_url + managed(desk, carried, booking.id)
        written = calendar_file(booking, workshop, url, desk.database.clock.now())
        named = {"Content-Disposition": 'attachment; filename="booking.ics"'}
        return Response(written, 200, named, media_type="text/calendar; charset=utf-8")


def shown(booking: Booking) -> Answer:
    """Keep no more than that it was done: the page shows how it stands by then."""
    return Answer(303, booking.id.encode())


def change_until(workshop: Workshop, booking: Booking) -> datetime:
    """Say until when a customer may move or cancel a booking."""
    notice = workshop.profile.rules.notice
    return booking.drop_off_at - notice if notice else booking.drop_off_at


def may_change(desk: Desk, workshop: Workshop, booking: Booking) -> bool:
    """Tell whether the customer may still move or cancel a booking here."""
    in_time = desk.database.clock.now() <= change_until(workshop, booking)
    return booking.status is Status.PENDING and in_time


def _sheet(
    desk: Desk,
    request: Request,
    carried: Carried,
    workshop: Workshop,
    booking: Booking,
    told: str,
) -> Response:
    key = [("key", request.query_params["key"])]
    return page(
        "manage",
        carried,
        workshop,
        here=("manage", key),
        job=Job.of(booking.details),
        booking=booking,
        told=told,
        may_change=may_change(desk, workshop, booking),
        until=change_until(workshop, booking),
        calendar_url=carried.url("booking.ics", key),
        move_url=carried.url("move", key),
        cancel_url=carried.url("cancel", key),
        own_url=desk.public_url + carried.url("manage", key),
        again_url=carried.url(),
    )


def _asked_why(
    desk: Desk,
    request: Request,
    carried: Carried,
    workshop: Workshop,
    booking: Booking,
    given: str = "",
    wrong: str | None = None,
) -> Response:
    key = [("key", request.query_params["key"])]
    return page(
        "cancel",
        carried,
        workshop,
        here=("cancel", key),
        status=422 if wrong else 200,
        job=Job.of(booking.details),
        booking=booking,
        given=given,
        wrong=said.of_field(wrong) if wrong else None,
        back=carried.url("manage", key),
        send_to=carried.url("cancel", key),
    )
