"""Links to calendars, and the calendars."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import Annotated, Any

from fastapi import APIRouter, Header, Path, Query
from fastapi.responses import Response

from services.booking.domain.calendar import CalendarLink
from services.booking.handlers import calendars
from services.booking.routes import pages
from services.booking.routes.calendar_files import CalendarFiles
from services.booking.routes.workshops import WorkshopId
from services.booking.schemas import feed
from services.booking.schemas.calendars import CalendarInput, CalendarOut
from shared.auth import WorkshopCaller
from shared.clock import Clock
from shared.database import Database
from shared.idempotency import Answer, Idempotency
from shared.pages import Page, PageQuery

CalendarId = Annotated[str, Path(max_length=64)]
Secret = Annotated[str, Path(max_length=64)]
_FILE = {"schema": {"type": "string", "format": "binary"}}
_CALENDAR: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/calendar": _FILE}, "description": "An iCalendar file (RFC 5545)"},
    304: {"description": "What the caller has is still right"},
}


def build(database: Database, origin: str, wall: Clock) -> APIRouter:
    """Make the routes over a database; links lead to the origin, headers go by the wall's clock."""
    router = APIRouter(tags=["calendars"])
    shown = CalendarOut.on(origin)
    files = CalendarFiles()

    def _made(link: CalendarLink) -> Answer:
        return Answer(201, shown(link).model_dump_json().encode())

    def _rotated(link: CalendarLink) -> Answer:
        return Answer(200, shown(link).model_dump_json().encode())

    @router.post(
        "/v1/workshops/{workshop_id}/calendars", status_code=201, response_model=CalendarOut
    )
    async def add_calendar(
        workshop_id: WorkshopId, body: CalendarInput, caller: WorkshopCaller, key: Idempotency
    ) -> Response:
        """Make a secret link to a workshop's calendar, or to one resource's."""
        once = key.once(caller, _made)
        answer = await calendars.add(database, caller, workshop_id, body.resource_id, once)
        return answer.response()

    @router.get("/v1/workshops/{workshop_id}/calendars")
    async def list_calendars(
        workshop_id: WorkshopId, caller: WorkshopCaller, asked: Annotated[PageQuery, Query()]
    ) -> Page[CalendarOut]:
        """List a workshop's links, newest first."""
        found = await calendars.page(
            database, caller, workshop_id, before=asked.cursor, limit=asked.limit + 1
        )
        return pages.shown(found, shown, asked.limit)

    @router.post(
        "/v1/workshops/{workshop_id}/calendars/{calendar_id}/rotate", response_model=CalendarOut
    )
    async def rotate_calendar(
        workshop_id: WorkshopId, calendar_id: CalendarId, caller: WorkshopCaller, key: Idempotency
    ) -> Response:
        """Give a link another secret; the former one opens nothing any more."""
        once = key.once(caller, _rotated)
        answer = await calendars.rotate(database, caller, workshop_id, calendar_id, once)
        return answer.response()

    @router.delete("/v1/workshops/{workshop_id}/calendars/{calendar_id}", status_code=204)
    async def revoke_calendar(
        workshop_id: WorkshopId, calendar_id: CalendarId, caller: WorkshopCaller
    ) -> None:
        """Take a link back."""
        await calendars.revoke(database, caller, workshop_id, calendar_id)

    @router.get("/v1/calendars/{secret}.ics", response_class=Response, responses=_CALENDAR)
    async def read_calendar(
        secret: Secret,
        if_none_match: Annotated[str | None, Header()] = None,
        if_modified_since: Annotated[str | None, Header()] = None,
    ) -> Response:
        """Read the visits from 30 days ago to 180 days ahead.

        Where there are more than 2,000, the next ones go before those that have been, and
        cancelled ones come last; the calendar's description says so.
        """
        overview = await calendars.overview(database, secret)
        etag, modified = feed.etag(overview), feed.modified_at(overview, wall.now())
        headers = {
            "ETag": etag,
            "Last-Modified": format_datetime(modified, usegmt=True),
            "Cache-Control": "private, no-cache",
            "X-Robots-Tag": "noindex",
        }
        if _is_known(etag, modified, if_none_match, if_modified_since):
            return Response(status_code=304, headers=headers)

        async def written() -> bytes:
            # Two thousand visits take a second to write, in which others want answers.
            return await asyncio.to_thread(feed.ical, await calendars.agenda(database, overview))

        file = await files.file(etag, written)
        return Response(file, media_type="text/calendar; charset=utf-8", headers=headers)

    return router


def _is_known(etag: str, modified: datetime, none_match: str | None, since: str | None) -> bool:
    """Tell whether the caller has this already (RFC 9110, 13.2.2: dates count without tags)."""
    if none_match is not None:
        tags = {each.strip().removeprefix("W/") for each in none_match.split(",")}
        return bool(tags & {etag, "*"})
    if since is None:
        return False
    try:
        moment = parsedate_to_datetime(since)
    except ValueError:
        return False
    return modified <= (moment if moment.tzinfo else moment.replace(tzinfo=UTC))
