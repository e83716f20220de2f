"""`/v1/bookings`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query
from fastapi.responses import Response
from sqlalchemy import ColumnElement

from services.booking import outgoing
from services.booking.domain.booking import Booking
from services.booking.handlers import bookings as made
from services.booking.handlers import changes, quoted, rescheduling
from services.booking.routes import pages
from services.booking.schemas.bookings import BookingQuery, NewBooking, StatusInput, TimeInput
from services.booking.schemas.changes import BookingChange
from services.booking.tables.bookings import bookings
from shared.auth import AnyCaller
from shared.contracts import BookingV1
from shared.database import Database
from shared.idempotency import Answer, Idempotency
from shared.pages import Page, PageQuery
from shared.prefer import WaitSeconds

BookingId = Annotated[str, Path(max_length=64)]


class BookingList(PageQuery, BookingQuery):
    """Which page of which bookings is asked for."""


def build(database: Database) -> APIRouter:
    """Make the routes over a database."""
    router = APIRouter(prefix="/v1/bookings", tags=["bookings"])

    @router.post(
        "",
        status_code=201,
        response_model=BookingV1,
        responses={200: {"model": BookingV1, "description": "It stands under this reference"}},
    )
    async def create_booking(
        body: NewBooking, caller: AnyCaller, key: Idempotency, wait: WaitSeconds
    ) -> Response:
        """Book a visit; a known `external_reference` is answered with the booking that stands."""
        once = key.once(caller, _booked)
        await quoted.arrived(database, body.quote_id, wait)
        return (await made.create(database, caller, body.wanted(), body.booked(), once)).response()

    @router.get("")
    async def list_bookings(
        caller: AnyCaller, asked: Annotated[BookingList, Query()]
    ) -> Page[BookingV1]:
        """List bookings, newest first."""
        found = await made.page(
            database, caller, _conditions(asked), before=asked.cursor, limit=asked.limit + 1
        )
        return pages.shown(found, outgoing.snapshot, asked.limit)

    @router.get("/{booking_id}")
    async def read_booking(booking_id: BookingId, caller: AnyCaller) -> BookingV1:
        """Read a booking."""
        return outgoing.snapshot(await made.read(database, caller, booking_id))

    @router.patch("/{booking_id}")
    async def change_booking(
        booking_id: BookingId, body: BookingChange, caller: AnyCaller
    ) -> BookingV1:
        """Change what is booked, for whom and for which car; never the status, place or time."""
        change = changes.Change(body.applied_to, body.asked(), body.is_other_job)
        return outgoing.snapshot(await changes.amend(database, caller, booking_id, change))

    @router.post("/{booking_id}/status", status_code=200, response_model=BookingV1)
    async def move_booking(
        booking_id: BookingId, body: StatusInput, caller: AnyCaller, key: Idempotency
    ) -> Response:
        """Move a booking on; `done` asks for a review and plans the next service's reminder."""
        once = key.once(caller, _shown)
        answer = await changes.move(database, caller, booking_id, body.status, body.reason, once)
        return answer.response()

    @router.post("/{booking_id}/reschedule", status_code=200, response_model=BookingV1)
    async def reschedule_booking(
        booking_id: BookingId, body: TimeInput, caller: AnyCaller, key: Idempotency
    ) -> Response:
        """Move a visit that hasn't begun to another time; it keeps the one it has until then."""
        once = key.once(caller, _shown)
        answer = await rescheduling.reschedule(database, caller, booking_id, body.drop_off_at, once)
        return answer.response()

    return router


def _conditions(asked: BookingQuery) -> list[ColumnElement[bool]]:
    wanted = {
        bookings.c.workshop_id: asked.workshop_id,
        bookings.c.status: asked.status,
        bookings.c.external_reference: asked.external_reference,
        bookings.c.series_id: asked.series_id,
    }
    conditions = [column == value for column, value in wanted.items() if value is not None]
    if asked.since is not None:
        conditions.append(bookings.c.drop_off_at >= asked.since)
    if asked.until is not None:
        conditions.append(bookings.c.drop_off_at < asked.until)
    return conditions


def _booked(result: made.Booked) -> Answer:
    body = outgoing.snapshot(result.booking).model_dump_json().encode()
    headers = {"Location": f"/v1/bookings/{result.booking.id}"}
    return Answer(201 if result.is_new else 200, body, headers)


def _shown(booking: Booking) -> Answer:
    return Answer(200, outgoing.snapshot(booking).model_dump_json().encode())
