"""One click, and no more reminders: links that say whom they are about to us alone (RFC 8058)."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass

import orjson

from services.notifier.domain.mailing import UNSUBSCRIBABLE
from services.notifier.domain.message import Message
from services.notifier.sealing import SecretBox, SecretUnreadable

PURPOSE = "unsubscribe"


@dataclass(frozen=True, slots=True)
class Unsubscriber:
    """Who wants no more reminders and review requests, and of which account's."""

    partner_id: str
    address: str


class Unsubscribing:
    """Writes and reads the links; each is sealed, so that nobody else can write one."""

    def __init__(self, box: SecretBox, public_url: str) -> None:
        self._box = box
        self._public_url = public_url.rstrip("/")

    def url(self, message: Message, recipient: str) -> str | None:
        """Make the link for the mail about an event; None where there is nothing to end."""
        if message.type not in UNSUBSCRIBABLE:
            return None
        whom = orjson.dumps([message.partner_id, recipient])
        token = urlsafe_b64encode(self._box.seal(whom, PURPOSE)).decode().rstrip("=")
        return f"{self._public_url}/unsubscribe/{token}"

    def read(self, token: str) -> Unsubscriber | None:
        """Read a link's token; None for one that isn't ours."""
        try:
            sealed = urlsafe_b64decode(token.encode() + b"==")
            partner_id, address = orjson.loads(self._box.open(sealed, PURPOSE))
        except (ValueError, SecretUnreadable):
            return None
        return Unsubscriber(partner_id, address)
