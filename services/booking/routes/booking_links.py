"""`/v1/booking-links`."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from services.booking.handlers import booking_links
from services.booking.handlers.booking_links import Sealed
from services.booking.schemas.booking_links import BookingLinkInput, BookingLinkOut
from services.booking.sealing import Seals
from shared.auth import AnyCaller
from shared.database import Database
from shared.idempotency import Answer, Idempotency


def build(database: Database, seals: Seals, public_url: str) -> APIRouter:
    """Make the routes over a database; `public_url` is the origin of booking pages."""
    router = APIRouter(prefix="/v1/booking-links", tags=["bookings"])

    def made(sealed: Sealed) -> Answer:
        link = sealed.link
        shown = BookingLinkOut(
            url=f"{public_url}/book/{link.workshop_id}?link={sealed.token}",
            workshop_id=link.workshop_id,
            external_reference=link.external_reference,
            expires_at=sealed.expires_at,
        )
        return Answer(201, shown.model_dump_json().encode())

    @router.post("", status_code=201, response_model=BookingLinkOut)
    async def make_booking_link(
        body: BookingLinkInput, caller: AnyCaller, key: Idempotency
    ) -> Response:
        """Make a link to a workshop's booking page: what is booked there is the caller's."""
        link = body.link(caller.partner_id)
        once = key.once(caller, made)
        answer = await booking_links.create(database, caller, seals, link, body.expires_at, once)
        return answer.response()

    return router
