"""A delivery status notification: which mail never arrived, and whose address isn't there.

Source: RFC 3464; the mail that it is about comes with it (RFC 3462), whole or its headers alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from email import message_from_bytes, message_from_string, policy
from email.message import Message

from services.notifier.domain.mailing import NOBODY_THERE

MAX_RECIPIENTS = 50
MAX_ADDRESS = 254


@dataclass(frozen=True, slots=True)
class Bounce:
    """One recipient that a mail failed for; `hard` means that it always will."""

    address: str
    status: str
    detail: str
    hard: bool


@dataclass(frozen=True, slots=True)
class Report:
    """What a notification says; the event is that of the mail it is about, if it is one of ours."""

    event_id: str | None
    bounces: tuple[Bounce, ...]


def read(raw: bytes) -> Report | None:
    """Read a notification; None for a mail that is none."""
    try:
        return _read(message_from_bytes(raw, policy=policy.default))
    except RecursionError:  # parts within parts within parts: nobody's mail server writes that
        return None


def _read(mail: Message) -> Report | None:
    if mail.get_content_type() != "multipart/report":
        return None
    bounces: list[Bounce] = []
    event_id = None
    for part in mail.walk():
        inner = part.get_payload()
        blocks = (
            [each for each in inner if isinstance(each, Message)] if part.is_multipart() else []
        )
        match part.get_content_type():
            case "message/delivery-status":
                bounces += filter(None, map(_bounce, blocks))
            case "message/rfc822" if blocks:
                event_id = _event_id(blocks[0])
            case "text/rfc822-headers" if isinstance(inner, str):
                event_id = _event_id(message_from_string(inner))
    return Report(event_id, tuple(bounces[:MAX_RECIPIENTS]))


def _bounce(block: Message) -> Bounce | None:
    recipient = str(block.get("Final-Recipient") or block.get("Original-Recipient") or "")
    kind, _, address = recipient.partition(";")
    if (
        kind.strip().lower() != "rfc822"
        or not address.strip()
        or str(block.get("Action", "")).strip().lower() != "failed"
    ):
        return None
    status = str(block.get("Status", "")).partition("(")[0].strip()  # what follows is a comment
    address = address.strip().strip("<>").lower()
    if len(address) > MAX_ADDRESS or not address.isprintable():
        return None
    detail = str(block.get("Diagnostic-Code", ""))[:300]
    return Bounce(address, status, detail, status in NOBODY_THERE)


def _event_id(mail: Message) -> str | None:
    written = str(mail.get("Message-ID", "")).strip().strip("<>")
    return written.partition("@")[0] or None
