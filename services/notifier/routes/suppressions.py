"""Addresses that are not there: reported by a mail that came back, listed, and lifted."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import Response

from services.notifier.handlers import suppressions as handlers
from services.notifier.handlers.suppressions import Taken
from services.notifier.schemas.suppressions import ReportOut, SuppressionOut
from shared.auth import OperatorCaller
from shared.database import Database
from shared.idempotency import Answer, Idempotency
from shared.pages import Page, PageQuery, next_cursor

Address = Annotated[str, Path(max_length=254)]

_TAKES_MAIL: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"message/rfc822": {"schema": {"type": "string"}}},
    }
}


def build(database: Database) -> APIRouter:
    """Make the routes over a database."""
    router = APIRouter(prefix="/v1", tags=["mails"])

    @router.post("/bounces", response_model=ReportOut, openapi_extra=_TAKES_MAIL)
    async def take_bounce(request: Request, caller: OperatorCaller, key: Idempotency) -> Response:
        """Take a delivery status notification (RFC 3464), as a mail server hands it on.

        An address that isn't there (5.1.x, 5.2.1) is written to no more, if what came back is a
        mail that went to it: the notification has to have its `Message-ID`.
        """
        once = key.once(caller, _taken)
        return (await handlers.take_bounce(database, await request.body(), once)).response()

    @router.get("/suppressions")
    async def list_suppressions(
        caller: OperatorCaller, asked: Annotated[PageQuery, Query()]
    ) -> Page[SuppressionOut]:
        """List the addresses that aren't written to, in their order."""
        found = await handlers.page(database, after=asked.cursor, limit=asked.limit + 1)
        return Page(
            data=[SuppressionOut.of(row) for row in found[: asked.limit]],
            next_cursor=next_cursor([row["address"] for row in found], asked.limit),
        )

    @router.delete("/suppressions/{address}", status_code=204)
    async def lift_suppression(address: Address, caller: OperatorCaller) -> None:
        """Write to an address again."""
        await handlers.lift(database, address)

    return router


def _taken(taken: Taken) -> Answer:
    return Answer(200, ReportOut.of(taken).model_dump_json().encode())
