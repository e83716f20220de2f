"""Bodies of webhooks, rendered once for all the endpoints that an event goes to."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from services.notifier.bodies import webhook_body
from services.notifier.domain.delivery import Delivery
from services.notifier.domain.message import Message
from services.notifier.repository import messages

MOST_BYTES = 16_000_000
KEPT_SECONDS = 5.0

Text = tuple[str, str | None]
"""What makes a body what it is: the event, and the replay that it is told by."""


class Texts:
    """Keeps bodies for a few seconds: what is erased must not live on here."""

    def __init__(self) -> None:
        self._bodies: OrderedDict[Text, tuple[bytes, float]] = OrderedDict()
        self._bytes = 0

    def of(self, message: Message, replay_id: str | None = None) -> bytes:
        """Render an event's body, unless it was before."""
        text = message.event_id, replay_id
        if (body := self._kept(text)) is None:
            body = webhook_body(message, replay_id)
            self._bytes -= len(self._bodies.pop(text, (b"", 0.0))[0])
            self._bodies[text] = body, time.monotonic()
            self._bytes += len(body)
            self._drop_old()
        return body

    async def of_all(
        self, connection: AsyncConnection, deliveries: Sequence[Delivery]
    ) -> dict[str, bytes]:
        """Return deliveries' bodies by their ids, reading the events of those that aren't kept."""
        kept = {each.id: self._kept((each.event_id, each.replay_id)) for each in deliveries}
        found = {delivery_id: body for delivery_id, body in kept.items() if body is not None}
        missing = [each for each in deliveries if each.id not in found]
        if missing:
            event_ids = list({each.event_id for each in missing})
            read = {each.event_id: each for each in await messages.of_ids(connection, event_ids)}
            found |= {each.id: self.of(read[each.event_id], each.replay_id) for each in missing}
        return found

    def _kept(self, text: Text) -> bytes | None:
        body, since = self._bodies.get(text, (None, 0.0))
        return body if time.monotonic() - since < KEPT_SECONDS else None

    def _drop_old(self) -> None:
        oldest = time.monotonic() - KEPT_SECONDS
        while self._bodies:
            text, (body, since) = next(iter(self._bodies.items()))
            if since > oldest and self._bytes <= MOST_BYTES:
                return
            del self._bodies[text]
            self._bytes -= len(body)
