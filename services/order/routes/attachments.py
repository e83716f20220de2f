"""Photos and documents of an order; the file itself is the body."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import Response, StreamingResponse
from starlette.requests import ClientDisconnect

from services.order.domain.attachment import MEDIA_TYPES, Attachment
from services.order.handlers import attaching
from services.order.handlers import attachments as handlers
from services.order.handlers.attaching import Upload
from services.order.handlers.attachments import Files
from services.order.schemas import attachments as schemas
from shared.auth import AnyCaller
from shared.idempotency import IdempotencyKey, Once, RequestKey
from shared.problems import Problem

OrderId = Annotated[str, Path(max_length=64)]
AttachmentId = Annotated[str, Path(max_length=64)]

_BINARY = {"schema": {"type": "string", "format": "binary"}}
_A_FILE: dict[str, Any] = {
    "requestBody": {"required": True, "content": {"application/octet-stream": _BINARY}}
}
_CONTENT: dict[int | str, dict[str, Any]] = {
    200: {
        "content": dict.fromkeys(sorted(MEDIA_TYPES), _BINARY),
        "description": "The file as it came",
    }
}


def build(files: Files) -> APIRouter:
    """Make the routes over a shelf."""
    router = APIRouter(prefix="/v1/orders/{order_id}/attachments", tags=["attachments"])

    @router.post("", status_code=201, response_model=schemas.AttachmentOut, openapi_extra=_A_FILE)
    async def attach_file(
        order_id: OrderId,
        request: Request,
        asked: Annotated[schemas.AttachmentQuery, Query()],
        caller: AnyCaller,
        key: IdempotencyKey = None,
    ) -> Response:
        """Attach a photo, a video or a PDF: the body is the file, as it is."""

        def once_of(digest: bytes) -> Once[Attachment]:
            said = f"{order_id} {asked.filename} {asked.note} ".encode()
            return RequestKey(key, said + digest).once(caller, schemas.attached)

        upload = Upload(asked.filename, asked.note, request.stream())
        try:
            answer = await attaching.attach(files, caller, order_id, upload, once_of)
        except ClientDisconnect:
            detail = "The connection ended before the file did. Nothing was attached."
            raise Problem(400, "upload-cut-short", detail) from None
        return answer.response()

    @router.get("")
    async def list_attachments(order_id: OrderId, caller: AnyCaller) -> schemas.AttachmentList:
        """List an order's attachments, oldest first."""
        found = await handlers.page(files.database, caller, order_id)
        return schemas.AttachmentList(data=[schemas.AttachmentOut.of(each) for each in found])

    @router.get("/{attachment_id}", response_class=Response, responses=_CONTENT)
    async def read_attachment(
        order_id: OrderId, attachment_id: AttachmentId, caller: AnyCaller
    ) -> Response:
        """Download an attachment, as it was sent."""
        attachment, content = await handlers.fetch(files, caller, order_id, attachment_id)
        headers = {
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(attachment.filename)}",
            "Content-Length": str(attachment.size),
            # Were a browser to show it after all, it would run nothing.
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "ETag": f'"{attachment.sha256}"',
        }
        return StreamingResponse(content, headers=headers, media_type=attachment.media_type)

    @router.delete("/{attachment_id}", status_code=204)
    async def remove_attachment(
        order_id: OrderId, attachment_id: AttachmentId, caller: AnyCaller
    ) -> None:
        """Remove an attachment, as the account that attached it."""
        await handlers.remove(files, caller, order_id, attachment_id)

    return router
