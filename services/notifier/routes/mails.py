"""How an account's mails look, and a look at them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from fastapi.responses import Response

from services.notifier.handlers import mails as handlers
from services.notifier.handlers.mails import Preview
from services.notifier.mail.rendering import Renderer
from services.notifier.schemas.mails import (
    BrandInput,
    BrandOut,
    MailUsageOut,
    PreviewInput,
    PreviewOut,
)
from shared.auth import AnyCaller
from shared.database import Database
from shared.idempotency import Answer, Idempotency

PartnerId = Annotated[str, Path(max_length=64)]


def build(database: Database, renderer: Renderer, per_hour: int) -> APIRouter:
    """Make the routes over a database; an account may send `per_hour` mails and texts to others."""
    router = APIRouter(prefix="/v1", tags=["mails"])

    @router.get("/brands/{partner_id}")
    async def read_brand(partner_id: PartnerId, caller: AnyCaller) -> BrandOut:
        """Read how an account's mails look."""
        return BrandOut.of(await handlers.read_brand(database, caller, partner_id))

    @router.put("/brands/{partner_id}")
    async def set_brand(partner_id: PartnerId, body: BrandInput, caller: AnyCaller) -> BrandOut:
        """Have an account's mails look so; it, or an operator, may say how."""
        brand = await handlers.set_brand(database, caller, body.brand(partner_id))
        return BrandOut.of(brand)

    @router.get("/mail-usage/{partner_id}")
    async def read_mail_usage(partner_id: PartnerId, caller: AnyCaller) -> MailUsageOut:
        """Read how many mails and texts went out for an account in the last hour, and what waits.

        What is more than `per_hour` isn't lost: it goes out later, in its order.
        """
        hour = await handlers.read_hour(database, caller, partner_id, per_hour)
        return MailUsageOut.of(hour)

    @router.post("/mail-previews", response_model=PreviewOut)
    async def preview_mail(body: PreviewInput, caller: AnyCaller, key: Idempotency) -> Response:
        """See the mail about a type's example (`GET /v1/event-types`) as it would go out."""
        once = key.once(caller, _shown)
        answer = await handlers.preview(database, caller, body.type, body.language, renderer, once)
        return answer.response()

    return router


def _shown(preview: Preview) -> Answer:
    return Answer(200, PreviewOut.of(preview).model_dump_json().encode())
