"""Events as they were received, and the catalog of their types."""

from __future__ import annotations

from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Path, Query
from fastapi.responses import Response

from services.notifier import bodies
from services.notifier.domain.message import Message
from services.notifier.event_types import catalog
from services.notifier.handlers import events as handlers
from services.notifier.schemas.events import EventOut, EventQuery, EventTypeOut
from shared.auth import AnyCaller
from shared.database import Database
from shared.idempotency import Answer
from shared.pages import Page

EventId = Annotated[str, Path(max_length=64)]


def build(database: Database) -> APIRouter:
    """Make the routes over a database."""
    router = APIRouter(prefix="/v1", tags=["events"])

    @router.get("/events", response_model=Page[EventOut])
    async def list_events(caller: AnyCaller, asked: Annotated[EventQuery, Query()]) -> Response:
        """List what happened after an event, oldest first: `after` is a `webhook-id`.

        `next_cursor` is the next `after`, while there is more.
        """
        found = await handlers.page(database, caller, after=asked.after, limit=asked.limit + 1)
        page_of = found[: asked.limit]
        page = {
            "data": [_shown(each) for each in page_of],
            "next_cursor": page_of[-1].event_id if len(found) > asked.limit else None,
        }
        return Answer(200, orjson.dumps(page, option=orjson.OPT_UTC_Z)).response()

    @router.get("/events/{event_id}", response_model=EventOut)
    async def read_event(event_id: EventId, caller: AnyCaller) -> Response:
        """Read an event, by its `webhook-id`."""
        event = await handlers.read(database, caller, event_id)
        return Answer(200, orjson.dumps(_shown(event), option=orjson.OPT_UTC_Z)).response()

    @router.get("/event-types")
    async def list_event_types(caller: AnyCaller) -> Page[EventTypeOut]:
        """List every type of event, with its JSON Schema and an example."""
        types = [EventTypeOut.model_validate(each) for each in catalog().values()]
        return Page(data=types, next_cursor=None)

    return router


def _shown(event: Message) -> dict[str, Any]:
    return {"id": event.event_id, **bodies.shown(event)}
