"""The first step: what is to be done."""

from __future__ import annotations

from dataclasses import replace

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from services.booking.domain.booking import Booking
from services.booking.domain.link import Link
from services.booking.domain.workshop import Workshop
from services.booking.handlers import booking_page
from services.booking.pages import said
from services.booking.pages.rendering import page
from services.booking.routes.book.desk import Desk, Guest, WorkshopId, enter, managed

MAX_OTHER = 200


def add(router: APIRouter, desk: Desk) -> None:
    """Add the step's route."""

    @router.get("")
    async def choose_services(request: Request, workshop_id: WorkshopId) -> Response:
        guest = await enter(desk, request)
        link = guest.link
        if standing := await _standing(desk, link):
            workshop, booking = standing
            there = replace(guest.carried, workshop_id=workshop.id)
            return RedirectResponse(managed(desk, there, booking.id, "before"), 303)
        query = request.query_params
        chosen = query.getlist("service") or list(link.service_ids if link else ())
        return choice(guest, chosen, query.get("other", ""))


def choice(guest: Guest, chosen: list[str], other: str, wrong: str | None = None) -> Response:
    """Show the services, with what is wrong about those that were chosen, if anything is."""
    query = [("service", each) for each in chosen] + ([("other", other)] if other else [])
    return page(
        "services",
        guest.carried,
        guest.workshop,
        here=("", query[:20]),
        status=422 if wrong else 200,
        services=guest.services,
        chosen=set(chosen),
        other=other[:MAX_OTHER],
        wrong=said.of_field(wrong) if wrong else None,
    )


async def _standing(desk: Desk, link: Link | None) -> tuple[Workshop, Booking] | None:
    """Return what was booked by a link already."""
    booking_id = link.booked_as if link else None
    if link and link.external_reference:
        booking_id = await booking_page.standing(
            desk.database, link.partner_id, link.external_reference
        )
    return await booking_page.booking_of(desk.database, booking_id) if booking_id else None
