"""What every step of the booking page begins with: whose page it is, and who came how."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Annotated, TypeVar

from fastapi import Path, Request

from services.booking.domain.booking import Booking, Source
from services.booking.domain.link import Link
from services.booking.domain.visitor import Deed
from services.booking.domain.workshop import CatalogService, Workshop
from services.booking.handlers import booking_links, booking_page, visitors
from services.booking.pages.rendering import Carried
from services.booking.sealing import Altered, Purpose, Seals
from shared import context
from shared.database import Database
from shared.idempotency import Answer, Once
from shared.languages import chosen
from shared.prefer import until
from shared.problems import Problem
from shared.visitors import told_apart_by

WorkshopId = Annotated[str, Path(max_length=64)]
DONE = TypeVar("DONE")
PATIENCE_SECONDS = 3.0
"""How long a form that was sent twice waits for what became of it the first time."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What the steps work with."""

    database: Database
    seals: Seals
    hold_lasting: timedelta
    public_url: str


@dataclass(frozen=True, slots=True)
class Guest:
    """A visitor of a workshop's page, on a partner's behalf if there is a link."""

    carried: Carried
    workshop: Workshop
    services: Sequence[CatalogService]
    link: Link | None

    @property
    def partner_id(self) -> str:
        """Return whose the booking will be."""
        return self.link.partner_id if self.link else self.workshop.partner_id

    @property
    def source(self) -> Source:
        """Return how the booking comes about."""
        return Source.LINK if self.link else Source.PAGE


def carried_of(request: Request) -> Carried:
    """Read what an address takes along."""
    query = request.query_params
    asked = query.get("lang")
    language = chosen(asked, request.headers.get("accept-language"))
    return Carried(
        workshop_id=request.path_params.get("workshop_id", ""),
        language=language,
        is_asked_for=asked == language,
        embedded=query.get("embed") == "1",
        link=query.get("link"),
        code=query.get("code"),
    )


async def enter(desk: Desk, request: Request, *, late: bool = False) -> Guest:
    """Read whose page it is; raises a 404 Problem, Altered, and unless it may be `late` Expired."""
    carried = carried_of(request)
    workshop, services = await booking_page.opened(desk.database, carried.workshop_id)
    _stand_in_line(workshop)
    link = None
    if carried.link:
        now = None if late else desk.database.clock.now()
        link = booking_links.opened(desk.seals, carried.link, workshop.id, now)
    elif carried.code:
        link = await booking_links.reminding(desk.database, carried.code, workshop.id)
    return Guest(carried, workshop, services, link)


def _stand_in_line(workshop: Workshop) -> None:
    """Let the visitors of one workshop's page wait for each other, and not everybody for them."""
    context.on_behalf_of(f"booking-page {workshop.id}")


async def admit(desk: Desk, request: Request, deed: Deed) -> bytes:
    """Count what a visitor does; returns who it is, raises a 429 Problem when it is too often."""
    address = request.client.host if request.client else ""
    visitor = desk.seals.mark(f"{request.path_params['workshop_id']} {told_apart_by(address)}")
    await visitors.admit(desk.database, visitor, deed)
    return visitor


def once(workshop: Workshop, done: Callable[[DONE], Answer], *parts: str) -> Once[DONE]:
    """Do once what a form's attempt asks for."""
    key, seen = booking_page.key_of(*parts)
    return Once(f"booking-page {workshop.id}", key, seen, done)


async def settled(do: Callable[[], Awaitable[Answer]]) -> str:
    """Do what is done once, or wait for it where it is being done; returns the id it came to."""

    async def tried() -> Answer | None:
        try:
            return await do()
        except Problem as refused:
            if refused.code != "idempotency-key-in-use":
                raise
            return None

    answer = await until(tried, PATIENCE_SECONDS)
    if answer is None:
        raise Problem(503, "unavailable", "It takes long. Try again.", headers={"Retry-After": "2"})
    return answer.body.decode()


def managed(desk: Desk, carried: Carried, booking_id: str, told: str = "") -> str:
    """Make the address at which a customer sees, moves and cancels a booking."""
    key = desk.seals.seal(Purpose.MANAGE, {"booking": booking_id})
    query = [("key", key), *([("told", told)] if told else [])]
    return replace(carried, link=None, code=None).url("manage", query)


async def keeper(desk: Desk, request: Request) -> tuple[Carried, Workshop, Booking]:
    """Read the booking that an address is the key to; raises a 404 Problem, or Altered."""
    claims = desk.seals.open(Purpose.MANAGE, request.query_params.get("key", ""), None)
    carried = replace(carried_of(request), link=None, code=None)
    workshop, booking = await booking_page.booking_of(desk.database, claims["booking"])
    _stand_in_line(workshop)
    if workshop.id != carried.workshop_id:
        raise Altered
    return carried, workshop, booking
