"""Bodies of webhooks, rendered once for all the endpoints that an event goes to."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from time import monotonic

from sqlalchemy.ext.asyncio import AsyncConnection

from services.notifier.bodies import webhook_body
from services.notifier.domain.delivery import Delivery
from services.notifier.domain.message import Message
from services.notifier.repository import messages

MOST_BYTES = 16_000_000
KEPT_SECONDS = 5.0

Text = tuple[str, str | None, int]
"""What makes a body what it is: the event, the replay that it is told by, and its version."""


class Texts:
    """Keeps bodies for a few seconds: what is erased must not live on here."""

    def __init__(self) -> None:
        self._bodies: OrderedDict[Text, tuple[bytes, float]] = OrderedDict()
        self._bytes = 0

    def of(self, message: Message, replay_id: str | None, version: int) -> bytes:
        """Render an event's body, unless it was before."""
        text, now = (message.event_id, replay_id, version), monotonic()
        if (body := self._kept(text, now)) is None:
            body = webhook_body(message, replay_id, version)
            self._bytes += len(body) - len(self._bodies.pop(text, (b"", 0.0))[0])
            self._bodies[text] = body, now
            self._drop_old(now)
        return body

    async def of_all(
        self, connection: AsyncConnection, deliveries: Sequence[tuple[Delivery, int]]
    ) -> dict[str, bytes]:
        """Return bodies by deliveries' ids, of the versions given, reading events as needed."""
        now = monotonic()
        texts = {each.id: (each.event_id, each.replay_id, version) for each, version in deliveries}
        bodies = {
            text: body for text in texts.values() if (body := self._kept(text, now)) is not None
        }
        if missing := set(texts.values()) - bodies.keys():
            event_ids = list({event_id for event_id, _, _ in missing})
            read = {each.event_id: each for each in await messages.of_ids(connection, event_ids)}
            for text in missing:
                event_id, replay_id, version = text
                bodies[text] = self.of(read[event_id], replay_id, version)
        return {delivery_id: bodies[text] for delivery_id, text in texts.items()}

    def _kept(self, text: Text, now: float) -> bytes | None:
        body, since = self._bodies.get(text, (None, 0.0))
        return body if now - since < KEPT_SECONDS else None

    def _drop_old(self, now: float) -> None:
        while self._bodies:
            text, (body, since) = next(iter(self._bodies.items()))
            if now - since < KEPT_SECONDS and self._bytes <= MOST_BYTES:
                return
            del self._bodies[text]
            self._bytes -= len(body)
