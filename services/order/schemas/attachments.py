"""The HTTP face of attachments."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field

from services.order.domain.attachment import Attachment
from shared.idempotency import Answer
from shared.inputs import Body, Line


class AttachmentQuery(Body):
    """What the file is called, and what is to be said of it."""

    filename: Annotated[Line, Field(max_length=200, examples=["front-left.jpg"])]
    note: Annotated[Line | None, Field(examples=["Before the work"])] = None


class UploaderOut(BaseModel):
    """Which account attached it, and in which role."""

    role: str
    account: str


class AttachmentOut(BaseModel):
    """A file; `size` in bytes, `sha256` in hex, `media_type` by its content."""

    id: str
    order_id: str
    filename: str
    media_type: str
    size: int
    sha256: str
    note: str | None
    uploaded_by: UploaderOut
    created_at: datetime
    content_url: str

    @classmethod
    def of(cls, attachment: Attachment) -> AttachmentOut:
        """Show an attachment."""
        return cls(
            id=attachment.id,
            order_id=attachment.order_id,
            filename=attachment.filename,
            media_type=attachment.media_type,
            size=attachment.size,
            sha256=attachment.sha256,
            note=attachment.note,
            uploaded_by=UploaderOut(role=attachment.role, account=attachment.account),
            created_at=attachment.created_at,
            content_url=f"/v1/orders/{attachment.order_id}/attachments/{attachment.id}",
        )


class AttachmentList(BaseModel):
    """Attachments, oldest first."""

    data: list[AttachmentOut]


def attached(attachment: Attachment) -> Answer:
    """Answer with what was just attached."""
    shown = AttachmentOut.of(attachment)
    return Answer(201, shown.model_dump_json().encode(), {"Location": shown.content_url})
