"""Photos and documents of an order: what is taken, and who may take it away again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from services.order.domain.order import Order, ServiceEvent, Status, updated

MEDIA_TYPES = frozenset(
    {
        "application/pdf",
        "image/gif",
        "image/heif",
        "image/jpeg",
        "image/png",
        "image/webp",
        "video/mp4",
        "video/quicktime",
    }
)
"""Nothing that a browser would run."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that was stored whole; `size` in bytes, `sha256` in hex, of what was sent."""

    id: str
    order_id: str
    filename: str
    media_type: str
    size: int
    sha256: str
    note: str | None
    account: str
    role: str
    created_at: datetime


class NotPlaced(Exception):
    """An order that nobody has paid for isn't one yet."""


class TooMany(Exception):
    """The order has as many attachments as it may have."""


class NotOwn(Exception):
    """It was another account that attached it."""


class Shown(Exception):
    """A supplement shows it: somebody decides by it, or has decided."""

    def __init__(self, supplement_id: str) -> None:
        self.supplement_id = supplement_id
        super().__init__(supplement_id)


def check_room(order: Order, most: int) -> None:
    """See whether one more may be attached; raises NotPlaced or TooMany."""
    if order.status is Status.AWAITING_PAYMENT:
        raise NotPlaced
    if order.attachments >= most:
        raise TooMany


def attached(order: Order, attachment_id: str) -> tuple[Order, tuple[ServiceEvent, ...]]:
    """Count a file that was attached.

    Its name, which may be somebody's, is told to none who may not see the file itself.
    """
    more = replace(order, attachments=order.attachments + 1)
    return updated(order, more, f"A file was attached ({attachment_id})")


def removed(
    order: Order, attachment: Attachment, account: str, *, by_operator: bool
) -> tuple[Order, tuple[ServiceEvent, ...]]:
    """Count a file less; raises NotOwn for one that another account attached, or Shown."""
    if not by_operator and attachment.account != account:
        raise NotOwn
    for supplement in order.supplements:
        if attachment.id in supplement.attachment_ids:
            raise Shown(supplement.id)
    fewer = replace(order, attachments=order.attachments - 1)
    return updated(order, fewer, f"A file was removed ({attachment.id})")
