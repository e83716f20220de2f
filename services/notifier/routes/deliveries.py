"""Deliveries: tests, what became of each, and sending again by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Path, Query
from fastapi.responses import Response
from sqlalchemy import RowMapping

from services.notifier.handlers import deliveries as handlers
from services.notifier.schemas.deliveries import (
    AttemptFound,
    AttemptQuery,
    DeliveryOut,
    DeliveryQuery,
    DeliveryWithAttempts,
    RetriedOut,
    RetryInput,
    TestInput,
)
from shared.auth import AnyCaller
from shared.database import Database
from shared.idempotency import Answer, Idempotency
from shared.pages import Page, next_cursor

EndpointId = Annotated[str, Path(max_length=64)]
DeliveryId = Annotated[str, Path(max_length=64)]


def build(database: Database, queued: Callable[[str], None]) -> APIRouter:
    """Make the routes over a database; `queued` is told which endpoint something is due to."""
    router = APIRouter(prefix="/v1", tags=["webhooks"])

    @router.post(
        "/webhook-endpoints/{endpoint_id}/test", status_code=202, response_model=DeliveryOut
    )
    async def send_test(
        endpoint_id: EndpointId, caller: AnyCaller, key: Idempotency, body: TestInput | None = None
    ) -> Response:
        """Send an example of an event, signed like any other, with `"test": true` in its body."""
        asked = body.type if body else None
        once = key.once(caller, _accepted)
        answer = await handlers.send_test(database, caller, endpoint_id, asked, queued, once)
        return answer.response()

    @router.get("/webhook-endpoints/{endpoint_id}/deliveries")
    async def list_deliveries(
        endpoint_id: EndpointId, caller: AnyCaller, asked: Annotated[DeliveryQuery, Query()]
    ) -> Page[DeliveryOut]:
        """List an endpoint's deliveries, newest first, by status, type, subject, VIN or time."""
        found = await handlers.page(
            database,
            caller,
            endpoint_id,
            asked.wanted(),
            before=asked.cursor,
            limit=asked.limit + 1,
        )
        return Page(
            data=[DeliveryOut.of(row) for row in found[: asked.limit]],
            next_cursor=next_cursor([row["id"] for row in found], asked.limit),
        )

    @router.get("/webhook-endpoints/{endpoint_id}/attempts")
    async def list_attempts(
        endpoint_id: EndpointId, caller: AnyCaller, asked: Annotated[AttemptQuery, Query()]
    ) -> Page[AttemptFound]:
        """List attempts, those of the newest delivery first, by the same as deliveries."""
        found = await handlers.attempts_page(
            database,
            caller,
            endpoint_id,
            asked.wanted(),
            failed=asked.failed,
            before=asked.cursor,
            limit=asked.limit + 1,
        )
        places = [f"{row['delivery_id']}/{row['id']}" for row in found]
        return Page(
            data=[AttemptFound.model_validate(dict(row)) for row in found[: asked.limit]],
            next_cursor=next_cursor(places, asked.limit),
        )

    @router.post(
        "/webhook-endpoints/{endpoint_id}/retry", status_code=202, response_model=RetriedOut
    )
    async def retry_deliveries(
        endpoint_id: EndpointId, body: RetryInput, caller: AnyCaller, key: Idempotency
    ) -> Response:
        """Send many deliveries again, now: by their ids, or all that failed since a time.

        Those that are `exhausted` or `canceled`, the oldest 10,000 of them; as fast as the
        endpoint's window allows.
        """
        once = key.once(caller, _retried)
        answer = await handlers.retry_many(
            database, caller, endpoint_id, body.asked(), queued, once
        )
        return answer.response()

    @router.get("/deliveries/{delivery_id}")
    async def read_delivery(delivery_id: DeliveryId, caller: AnyCaller) -> DeliveryWithAttempts:
        """Read a delivery, with what each attempt came to."""
        row, tried = await handlers.read(database, caller, delivery_id)
        return DeliveryWithAttempts.with_attempts(row, tried)

    @router.post("/deliveries/{delivery_id}/retry", status_code=202, response_model=DeliveryOut)
    async def retry_delivery(
        delivery_id: DeliveryId, caller: AnyCaller, key: Idempotency
    ) -> Response:
        """Send a delivery again, now, with the whole schedule before it."""
        once = key.once(caller, _accepted)
        return (await handlers.retry(database, caller, delivery_id, queued, once)).response()

    return router


def _retried(number: int) -> Answer:
    return Answer(202, RetriedOut.of(number).model_dump_json().encode())


def _accepted(row: RowMapping) -> Answer:
    body = DeliveryOut.of(row).model_dump_json().encode()
    return Answer(202, body, {"Location": f"/v1/deliveries/{row['id']}"})
