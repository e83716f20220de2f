"""Replays: events sent again, by type, time, vehicle, order or workshop."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Path, Query
from fastapi.responses import Response

from services.notifier.handlers import replays as handlers
from services.notifier.handlers.replays import DryRun, Progress
from services.notifier.schemas.replays import DryRunOut, ReplayInput, ReplayOut
from shared.auth import AnyCaller
from shared.database import Database
from shared.idempotency import Answer, Idempotency
from shared.pages import Page, PageQuery, next_cursor

EndpointId = Annotated[str, Path(max_length=64)]
ReplayId = Annotated[str, Path(max_length=64)]


def build(database: Database, wake: Callable[[], None]) -> APIRouter:
    """Make the routes over a database; `wake` hints that a replay begins."""
    router = APIRouter(prefix="/v1", tags=["webhooks"])

    @router.post(
        "/webhook-endpoints/{endpoint_id}/replay",
        status_code=202,
        response_model=ReplayOut,
        responses={200: {"model": DryRunOut, "description": "What a replay would send"}},
    )
    async def replay(
        endpoint_id: EndpointId, body: ReplayInput, caller: AnyCaller, key: Idempotency
    ) -> Response:
        """Send events again, each with its own `webhook-id` and `replay` in its signed body.

        `rate` events a second at the most, and no more than that on their way at once; an endpoint
        gets one replay at a time, of 100,000 events at the most.
        """
        asked = (database, caller, endpoint_id, body.chosen(), body.rate)
        if body.dry_run:
            return (await handlers.try_out(*asked, key.once(caller, _tried))).response()
        return (await handlers.begin(*asked, wake, key.once(caller, _begun))).response()

    @router.get("/webhook-endpoints/{endpoint_id}/replays")
    async def list_replays(
        endpoint_id: EndpointId, caller: AnyCaller, asked: Annotated[PageQuery, Query()]
    ) -> Page[ReplayOut]:
        """List an endpoint's replays, newest first."""
        found = await handlers.page(
            database, caller, endpoint_id, before=asked.cursor, limit=asked.limit + 1
        )
        return Page(
            data=[ReplayOut.of(each) for each in found[: asked.limit]],
            next_cursor=next_cursor([each.replay.id for each in found], asked.limit),
        )

    @router.get("/replays/{replay_id}")
    async def read_replay(replay_id: ReplayId, caller: AnyCaller) -> ReplayOut:
        """Read how far a replay got."""
        return ReplayOut.of(await handlers.read(database, caller, replay_id))

    @router.post("/replays/{replay_id}/stop", response_model=ReplayOut)
    async def stop_replay(replay_id: ReplayId, caller: AnyCaller, key: Idempotency) -> Response:
        """Send nothing more of a replay; what it queued and nobody took yet is canceled."""
        once = key.once(caller, _stopped)
        return (await handlers.stop(database, caller, replay_id, once)).response()

    return router


def _tried(found: DryRun) -> Answer:
    return Answer(200, DryRunOut.of(found).model_dump_json().encode())


def _begun(progress: Progress) -> Answer:
    body = ReplayOut.of(progress).model_dump_json().encode()
    return Answer(202, body, {"Location": f"/v1/replays/{progress.replay.id}"})


def _stopped(progress: Progress) -> Answer:
    return Answer(200, ReplayOut.of(progress).model_dump_json().encode())
