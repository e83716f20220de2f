"""A booking moved to another time by whoever has its link."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from services.booking.domain.booking import Booking
from services.booking.domain.need import Job
from services.booking.domain.visitor import Deed
from services.booking.domain.workshop import Workshop
from services.booking.handlers import rescheduling
from services.booking.handlers.booking_page import customer_of
from services.booking.pages import said
from services.booking.pages.rendering import Carried
from services.booking.routes.book.calendar import calendar
from services.booking.routes.book.desk import (
    Desk,
    WorkshopId,
    admit,
    keeper,
    managed,
    once,
    settled,
)
from services.booking.routes.book.managing import may_change, shown
from services.booking.schemas import page_forms
from shared.origin import own_form
from shared.problems import Problem


def add(router: APIRouter, desk: Desk) -> None:
    """Add the routes."""

    @router.get("/move")
    async def choose(request: Request, workshop_id: WorkshopId) -> Response:
        carried, workshop, booking = await keeper(desk, request)
        if not may_change(desk, workshop, booking):
            return RedirectResponse(managed(desk, carried, booking.id), 303)
        day = page_forms.day(request.query_params.get("day"))
        return await _times(desk, request, carried, workshop, booking, day)

    @router.post("/move", dependencies=[Depends(own_form)])
    async def move(request: Request, workshop_id: WorkshopId) -> Response:
        carried, workshop, booking = await keeper(desk, request)
        if not may_change(desk, workshop, booking):
            return RedirectResponse(managed(desk, carried, booking.id), 303)
        form = await request.form(max_fields=10, max_files=0)
        start = page_forms.moment(form.get("slot"))
        attempt = page_forms.attempt(form.get("attempt"))
        if start is None or attempt is None:
            return await _times(desk, request, carried, workshop, booking, None, "")
        await admit(desk, request, Deed.CHANGE)
        caller = customer_of(booking.partner_id)
        same = once(workshop, shown, "move", attempt, booking.id, start.isoformat())
        try:
            await settled(
                lambda: rescheduling.reschedule(desk.database, caller, booking.id, start, same)
            )
        except Problem as refused:
            if refused.status not in {409, 422}:
                raise
            code = refused.errors[0].code if refused.status == 422 else refused.code
            return await _times(desk, request, carried, workshop, booking, start, code)
        return RedirectResponse(managed(desk, carried, booking.id, "moved"), 303)


async def _times(
    desk: Desk,
    request: Request,
    carried: Carried,
    workshop: Workshop,
    booking: Booking,
    at: object,
    told: str | None = None,
) -> Response:
    key = [("key", request.query_params["key"])]
    return await calendar(
        desk,
        carried,
        workshop,
        Job.of(booking.details),
        at.astimezone(workshop.zone).date() if isinstance(at, datetime) else at,
        told=None if told is None else said.of_time(told),
        back=carried.url("manage", key),
        step="move",
        send_to=carried.url("move", key),
        query=key,
        hidden=[],
        moving=booking,
    )
