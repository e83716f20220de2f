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

Text = tuple[str, str | None, int]
"""What makes a body what it is: the event, the replay that it is told by, and its version."""


class Texts:
    """Keeps bodies for a few seconds: what is erased must not live on here."""

    def __init__(self) -> None:
        self._bodies: OrderedDict[Text, tuple[bytes, float]] = OrderedDict()
        self._bytes = 0

    def of(self, message: Message, replay_id: str | None, version: int) -> bytes:
        """Render an event's body, unless it was before."""
        text = message.event_id, replay_id, version
        if (body := self._kept(text)) is None:
            body = webhook_body(message, replay_id, version)
            self._bytes -= len(self._bodies.pop(text, (b"", 0.0))[0])
            self._bodies[text] = body, time.monotonic()
            self._bytes += len(body)
            self._drop_old()
        return body

    async def of_all(
        self, connection: AsyncConnection, deliveries: Sequence[tuple[Delivery, int]]
    ) -> dict[str, bytes]:
        """Return bodies by deliveries' ids, of the versions given, reading events as needed."""
        found: dict[str, bytes] = {}
        missing: list[tuple[Delivery, int]] = []
        for each, version in deliveries:
            if (body := self._kept((each.event_id, each.replay_id, version))) is not None:
                found[each.id] = body
            else:
                missing.append((each, version))
        if missing:
            event_ids = list({each.event_id for each, _ in missing})
            read = {each.event_id: each for each in await messages.of_ids(connection, event_ids)}
            for each, version in missing:
                found[each.id] = self.of(read[each.event_id], each.replay_id, version)
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
