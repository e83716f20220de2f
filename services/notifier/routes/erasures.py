"""`/v1/erasures`: a person taken out of everything that is kept here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Path, Query
from fastapi.responses import Response

from services.notifier.domain.erasure import Erasure
from services.notifier.handlers import erasures as handlers
from services.notifier.schemas.erasures import ErasureInput, ErasureOut
from shared.auth import OperatorCaller
from shared.database import Database
from shared.idempotency import Answer, Idempotency
from shared.pages import Page, PageQuery, next_cursor

ErasureId = Annotated[str, Path(max_length=64)]


def build(database: Database, wake: Callable[[], None]) -> APIRouter:
    """Make the routes over a database; `wake` hints that there is one to do."""
    router = APIRouter(prefix="/v1/erasures", tags=["erasures"])

    @router.post("", status_code=202, response_model=ErasureOut)
    async def erase(body: ErasureInput, caller: OperatorCaller, key: Idempotency) -> Response:
        """Erase a person from events, deliveries, attempts, mails and replays.

        What leads to nobody stays: counts, sequences, ids. What is still queued about them is
        canceled. Follow it by its `Location`, which is the proof once it has finished.
        """
        once = key.once(caller, _begun)
        return (await handlers.begin(database, caller, body.keys(), wake, once)).response()

    @router.get("")
    async def list_erasures(
        caller: OperatorCaller, asked: Annotated[PageQuery, Query()]
    ) -> Page[ErasureOut]:
        """List erasures, newest first."""
        found = await handlers.page(database, before=asked.cursor, limit=asked.limit + 1)
        return Page(
            data=[ErasureOut.of(each) for each in found[: asked.limit]],
            next_cursor=next_cursor([each.id for each in found], asked.limit),
        )

    @router.get("/{erasure_id}")
    async def read_erasure(erasure_id: ErasureId, caller: OperatorCaller) -> ErasureOut:
        """Read the record of an erasure."""
        return ErasureOut.of(await handlers.read(database, erasure_id))

    return router


def _begun(erasure: Erasure) -> Answer:
    body = ErasureOut.of(erasure).model_dump_json().encode()
    return Answer(202, body, {"Location": f"/v1/erasures/{erasure.id}"})
