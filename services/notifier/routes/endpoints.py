"""`/v1/webhook-endpoints`."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Callable
from datetime import timedelta
from typing import Annotated

import orjson
from fastapi import APIRouter, Path, Query
from fastapi.responses import Response

from services.notifier.domain.signature import written
from services.notifier.handlers import endpoints as handlers
from services.notifier.handlers.endpoints import WithSecret
from services.notifier.schemas.endpoints import (
    EndpointChange,
    EndpointInput,
    EndpointOut,
    EndpointWithSecret,
)
from services.notifier.sealing import SecretBox
from services.notifier.urls import Urls
from shared.auth import AnyCaller
from shared.database import Database
from shared.idempotency import Answer, Idempotency
from shared.pages import Page, PageQuery, next_cursor

EndpointId = Annotated[str, Path(max_length=64)]


def build(
    database: Database,
    urls: Urls,
    box: SecretBox,
    overlap: timedelta,
    changed: Callable[[str], None],
) -> APIRouter:
    """Make the routes over a database; `changed` is told which endpoint isn't what it was."""
    router = APIRouter(prefix="/v1/webhook-endpoints", tags=["webhooks"])

    @router.post("", status_code=201, response_model=EndpointWithSecret)
    async def register_endpoint(
        body: EndpointInput, caller: AnyCaller, key: Idempotency
    ) -> Response:
        """Register an endpoint; the answer is the only one that shows its secret."""
        once = key.once(caller, _created)
        answer = await handlers.register(database, caller, body.asked(), urls, box, once)
        return _with_secret_shown(answer, box)

    @router.get("")
    async def list_endpoints(
        caller: AnyCaller, asked: Annotated[PageQuery, Query()]
    ) -> Page[EndpointOut]:
        """List endpoints, newest first."""
        found = await handlers.page(database, caller, before=asked.cursor, limit=asked.limit + 1)
        return Page(
            data=[EndpointOut.of(each) for each in found[: asked.limit]],
            next_cursor=next_cursor([each.endpoint.id for each in found], asked.limit),
        )

    @router.get("/{endpoint_id}")
    async def read_endpoint(endpoint_id: EndpointId, caller: AnyCaller) -> EndpointOut:
        """Read an endpoint."""
        return EndpointOut.of(await handlers.read(database, caller, endpoint_id))

    @router.patch("/{endpoint_id}")
    async def change_endpoint(
        endpoint_id: EndpointId, body: EndpointChange, caller: AnyCaller
    ) -> EndpointOut:
        """Change what is given; `status` enables an endpoint again."""
        made = await handlers.change(database, caller, endpoint_id, body.asked(), urls, box)
        changed(endpoint_id)
        return EndpointOut.of(made)

    @router.delete("/{endpoint_id}", status_code=204)
    async def remove_endpoint(endpoint_id: EndpointId, caller: AnyCaller) -> None:
        """Disable an endpoint and cancel what is queued for it; its history stays."""
        await handlers.remove(database, caller, endpoint_id)
        changed(endpoint_id)

    @router.post("/{endpoint_id}/rotate-secret", response_model=EndpointWithSecret)
    async def rotate_secret(
        endpoint_id: EndpointId, caller: AnyCaller, key: Idempotency
    ) -> Response:
        """Draw a new secret; for a day the former one signs as well."""
        once = key.once(caller, _shown)
        answer = await handlers.rotate_secret(database, caller, endpoint_id, box, overlap, once)
        changed(endpoint_id)
        return _with_secret_shown(answer, box)

    return router


def _created(result: WithSecret) -> Answer:
    location = f"/v1/webhook-endpoints/{result.registered.endpoint.id}"
    return Answer(201, _body(result), {"Location": location})


def _shown(result: WithSecret) -> Answer:
    return Answer(200, _body(result))


def _body(result: WithSecret) -> bytes:
    """Render what may be kept: the secret stays sealed in it."""
    shown = EndpointOut.of(result.registered).model_dump(mode="json")
    return orjson.dumps(shown | {"secret": b64encode(result.sealed).decode()})


def _with_secret_shown(answer: Answer, box: SecretBox) -> Response:
    """Open the secret on its way out, so that a replayed answer is the same to the byte."""
    body = orjson.loads(answer.body)
    body["secret"] = written(box.open(b64decode(body["secret"]), body["id"]))
    shown = Answer(answer.status, orjson.dumps(body), answer.headers).response()
    shown.headers["Cache-Control"] = "no-store"
    return shown
