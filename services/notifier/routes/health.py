"""What an endpoint missed, and how it does."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query

from services.notifier.handlers import health as handlers
from services.notifier.schemas.health import Gap, GapQuery, UsageOut, UsageQuery
from shared.auth import AnyCaller
from shared.database import Database
from shared.pages import Page, next_cursor

EndpointId = Annotated[str, Path(max_length=64)]


def build(database: Database) -> APIRouter:
    """Make the routes over a database."""
    router = APIRouter(prefix="/v1/webhook-endpoints/{endpoint_id}", tags=["webhooks"])

    @router.get("/gaps")
    async def list_gaps(
        endpoint_id: EndpointId, caller: AnyCaller, asked: Annotated[GapQuery, Query()]
    ) -> Page[Gap]:
        """List, by subject, the sequences that were not delivered since the endpoint was made.

        Seven days at the most, those before now by default; in the order of the subjects' ids.
        """
        found = await handlers.missing(
            database,
            caller,
            endpoint_id,
            since=asked.since,
            until=asked.until,
            after=asked.cursor,
            limit=asked.limit + 1,
        )
        return Page(
            data=[Gap.of(row) for row in found[: asked.limit]],
            next_cursor=next_cursor([row["subject"] for row in found], asked.limit),
        )

    @router.get("/usage")
    async def read_usage(
        endpoint_id: EndpointId, caller: AnyCaller, asked: Annotated[UsageQuery, Query()]
    ) -> UsageOut:
        """Read how many were delivered in the last hour or day, and how fast it answered."""
        return UsageOut.of(await handlers.used(database, caller, endpoint_id, asked.period))

    return router
