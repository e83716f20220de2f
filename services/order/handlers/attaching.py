"""Attaching: a row that announces the content, the content, then the row that keeps it.

So no content is on the shelf without a row, whoever dies when, and no transaction waits for it.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace

import puremagic

from services.order.domain.attachment import (
    MEDIA_TYPES,
    Attachment,
    NotPlaced,
    TooMany,
    attached,
    check_room,
)
from services.order.domain.order import Order
from services.order.handlers.attachments import Files, discard, no_shelf
from services.order.handlers.holding import hold
from services.order.handlers.recording import record
from services.order.repository import access, attachments, orders
from services.order.repository.attachments import Place
from services.order.shelf import ShelfUnavailable
from shared.auth import Caller
from shared.idempotency import Answer, Once
from shared.ids import new_id
from shared.problems import Problem, not_found

HEAD_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that is coming in."""

    filename: str
    note: str | None
    content: AsyncIterator[bytes]


MakeOnce = Callable[[bytes], Once[Attachment]]
"""Ties a repeated request to its first by the digest of what was sent, known at its end."""


async def attach(
    files: Files, caller: Caller, order_id: str, upload: Upload, once_of: MakeOnce
) -> Answer:
    """Store a file of an order's; raises a Problem, and then nothing is attached."""
    coming = await _announced(files, caller, order_id, upload)
    content = _Measured(upload.content)
    await content.begin()
    media_type = _media_type(content.head)
    try:
        await files.shelf.put(Place(coming.id, order_id).key, content.chunks())
    except ShelfUnavailable as unavailable:
        raise no_shelf() from unavailable
    sha256 = content.digest.hexdigest()
    arrived = replace(coming, media_type=media_type, size=content.size, sha256=sha256)
    answer = await _kept(files, caller, arrived, once_of(content.digest.digest()))
    if answer.is_replay:
        await discard(files, [Place(coming.id, order_id)])
    return answer


async def _announced(files: Files, caller: Caller, order_id: str, upload: Upload) -> Attachment:
    async with files.database.transaction() as work:
        order = await orders.load(work.connection, order_id, access.visible_to(caller))
        if order is None:
            raise not_found("order")
        _check_room(order, files.most)
        coming = Attachment(
            id=new_id("fil"),
            order_id=order_id,
            filename=upload.filename,
            media_type="",
            size=0,
            sha256="",
            note=upload.note,
            account=caller.partner_id,
            role=access.actor_on(order.partner_id, caller).role,
            created_at=work.now,
        )
        await attachments.announce(work.connection, coming)
        return coming


async def _kept(
    files: Files, caller: Caller, arrived: Attachment, once: Once[Attachment]
) -> Answer:
    async with files.database.transaction() as work:
        if answer := await once.replayed(work):
            return answer
        held = await hold(work, caller, arrived.order_id, access.visible_to(caller))
        _check_room(held.order, files.most)
        if not await attachments.keep(work.connection, arrived):
            raise no_shelf()
        order, events = attached(held.order, arrived.id)
        await record(work, held.before, order, events, held.actor)
        return await once.answer(work, arrived)


def _check_room(order: Order, most: int) -> None:
    try:
        check_room(order, most)
    except NotPlaced:
        detail = "The order still awaits payment; attach to it when it is placed."
        raise Problem(409, "order-not-placed", detail) from None
    except TooMany:
        detail = f"An order has {most} attachments at the most."
        raise Problem(409, "too-many-attachments", detail) from None


def _media_type(head: bytes) -> str:
    """Tell by the content what it is, whatever its name says."""
    if not head:
        raise Problem(422, "empty-file", "There is nothing in the body.")
    try:
        guesses = [each.mime_type for each in puremagic.magic_string(head)]
    except puremagic.PureError:
        guesses = []
    found = next((each for each in guesses if each), "unknown")
    if found not in MEDIA_TYPES:
        taken = ", ".join(sorted(MEDIA_TYPES))
        detail = f"By its content this is {found}; taken are {taken}."
        raise Problem(415, "unsupported-media-type", detail)
    return found


class _Measured:
    """Passes a content on, and learns its size and digest meanwhile."""

    def __init__(self, content: AsyncIterator[bytes]) -> None:
        self._content = content
        self.head = b""
        self.size = 0
        self.digest = hashlib.sha256()

    async def begin(self) -> None:
        """Read the beginning, by which a content is known."""
        async for chunk in self._content:
            self.head += chunk
            if len(self.head) >= HEAD_BYTES:
                break

    async def chunks(self) -> AsyncIterator[bytes]:
        """Give the whole content, from its beginning."""
        yield self._counted(self.head)
        async for chunk in self._content:
            yield self._counted(chunk)

    def _counted(self, chunk: bytes) -> bytes:
        self.size += len(chunk)
        self.digest.update(chunk)
        return chunk
