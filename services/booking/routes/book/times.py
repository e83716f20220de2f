"""The second step: when; the time that is chosen is held."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from services.booking.domain.hold import Hold, Status
from services.booking.domain.need import Job
from services.booking.domain.request import Slot
from services.booking.domain.visitor import Deed
from services.booking.handlers import booking_page, holds
from services.booking.handlers.booking_page import Wish, customer_of
from services.booking.pages import said
from services.booking.routes.book.calendar import calendar
from services.booking.routes.book.choosing import choice
from services.booking.routes.book.desk import (
    Desk,
    Guest,
    WorkshopId,
    admit,
    carried_of,
    enter,
    once,
    settled,
)
from services.booking.routes.book.details import details
from services.booking.schemas import page_forms
from services.booking.schemas.page_forms import Mistyped
from services.booking.sealing import Altered, Purpose
from shared.idempotency import Answer
from shared.origin import own_form
from shared.problems import Problem


def add(router: APIRouter, desk: Desk) -> None:
    """Add the step's routes."""

    @router.get("/times")
    async def choose_time(request: Request, workshop_id: WorkshopId) -> Response:
        guest = await enter(desk, request)
        query = request.query_params
        ids, other = query.getlist("service"), query.get("other", "")
        wish = await _wished(desk, guest, ids, other)
        if isinstance(wish, Response):
            return wish
        wished, job = wish
        day, token = page_forms.day(query.get("day")), query.get("hold", "")
        return await times(desk, guest, wished, job, day, token=token)

    @router.get("/hold")
    async def begin_again(request: Request, workshop_id: WorkshopId) -> Response:
        # Whoever was refused a time reads it under this address, and may load that again.
        return RedirectResponse(carried_of(request).url(), 303)

    @router.post("/hold", dependencies=[Depends(own_form)])
    async def hold(request: Request, workshop_id: WorkshopId) -> Response:
        guest = await enter(desk, request)
        form = await request.form(max_fields=100, max_files=0)
        ids = [each for each in form.getlist("service") if isinstance(each, str)]
        other = form.get("other")
        wish = await _wished(desk, guest, ids, other if isinstance(other, str) else "")
        if isinstance(wish, Response):
            return wish
        wished, job = wish
        given = page_forms.typed(form)
        start = page_forms.moment(form.get("slot"))
        attempt = page_forms.attempt(form.get("attempt"))
        if start is None or attempt is None:
            return await times(desk, guest, wished, job, None, told="", given=given)
        visitor = await admit(desk, request, Deed.HOLD)
        await _release(desk, form.get("hold"))
        try:
            hold_id = await _held(desk, guest, wished, job, start, attempt, visitor)
        except Problem as refused:
            return await times(desk, guest, wished, job, start, told=_code(refused), given=given)
        token = desk.seals.seal(
            Purpose.HOLD,
            {
                "hold": hold_id,
                "partner": guest.partner_id,
                "reference": guest.link.external_reference if guest.link else None,
                "source": guest.source,
                "code": guest.link.reminder_code if guest.link else None,
            },
        )
        if given:
            # It was typed before, when another time was lost: it stays, though in no address.
            kept = await holds.read(desk.database, customer_of(guest.partner_id), hold_id)
            return details(desk, guest, token, kept, given)
        return RedirectResponse(guest.carried.url("details", [("hold", token)]), 303)


async def times(
    desk: Desk,
    guest: Guest,
    wish: Wish,
    job: Job,
    at: object,
    *,
    told: str | None = None,
    given: Mapping[str, str] | None = None,
    token: str = "",
) -> Response:
    """Show free times, and with what code the one that was chosen isn't to be had, if one was.

    `token` is of the time that the visitor holds already, if there is one.
    """
    kept = [("hold", token)] if token else []
    held = await _holding(desk, guest, token)
    day = at.astimezone(guest.workshop.zone).date() if isinstance(at, datetime) else at
    return await calendar(
        desk,
        guest.carried,
        guest.workshop,
        job,
        day,
        told=None if told is None else said.of_time(told),
        back=guest.carried.url("", _query(wish)),
        step="times",
        send_to=guest.carried.url("hold"),
        query=[*_query(wish), *kept],
        hidden=[*_query(wish), *(given or {}).items(), *kept],
        held=(held, guest.carried.url("details", kept)) if held else None,
    )


async def _holding(desk: Desk, guest: Guest, token: str) -> datetime | None:
    """Return which time the visitor holds."""
    with suppress(Altered, Problem):
        claims = desk.seals.open(Purpose.HOLD, token, None)
        hold = await holds.read(desk.database, customer_of(claims["partner"]), claims["hold"])
        if hold.standing(desk.database.clock.now()) is Status.HELD:
            return hold.placement.drop_off_at
    return None


def _query(wish: Wish) -> list[tuple[str, str]]:
    other = [("other", wish.other)] if wish.other else []
    return [("service", each) for each in wish.service_ids] + other


async def _wished(
    desk: Desk, guest: Guest, ids: list[str], other: str
) -> tuple[Wish, Job] | Response:
    try:
        wish = page_forms.wish(ids, other)
        if not (wish.service_ids or wish.other):
            return choice(guest, ids, other, "nothing-chosen")
        return wish, await booking_page.job_of(desk.database, guest.workshop, wish)
    except Mistyped as wrong:
        return choice(guest, ids, other, next(iter(wrong.errors.values())))
    except Problem as refused:
        known = {each.id for each in guest.services}
        return choice(guest, [each for each in ids if each in known], other, _code(refused))


async def _held(
    desk: Desk, guest: Guest, wish: Wish, job: Job, start: datetime, attempt: str, visitor: bytes
) -> str:
    slot = Slot(guest.workshop.id, job.category, wish.asked(), start)
    caller = customer_of(guest.partner_id)
    same = once(guest.workshop, _made, attempt, repr(slot), guest.partner_id)

    async def hold() -> Answer:
        lasting = desk.hold_lasting
        return await holds.create(desk.database, caller, slot, lasting, same, visitor=visitor)

    return await settled(hold)


async def _release(desk: Desk, token: object) -> None:
    """Give back the time that was held before, so that nobody has two."""
    if not isinstance(token, str) or not token:
        return
    with suppress(Altered, Problem):
        claims = desk.seals.open(Purpose.HOLD, token, None)
        await holds.release(desk.database, customer_of(claims["partner"]), claims["hold"])


def _made(hold: Hold) -> Answer:
    return Answer(303, hold.id.encode())


def _code(refused: Problem) -> str:
    return refused.errors[0].code if refused.status == 422 and refused.errors else refused.code
