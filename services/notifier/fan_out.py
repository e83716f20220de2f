"""One event to all who need to know, in the transaction of its receipt."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import orjson

from services.notifier.domain.delivery import Delivery
from services.notifier.domain.erasure import what_stays
from services.notifier.domain.mailing import notices_about
from services.notifier.domain.message import Message, vin_in
from services.notifier.repository import deliveries, endpoints, erasures, messages, receiving
from services.notifier.repository.endpoints import Wanting
from shared.database import Transaction
from shared.events import Event

Hand = Callable[[Transaction, Message, Sequence[Wanting], Sequence[Delivery]], Awaitable[None]]
"""Takes what a transaction queued, to send it once that is committed."""

CAME_OF = ("quote_id", "order_id", "booking_id")


async def receive(work: Transaction, event: Event, hand: Hand | None = None) -> bool:
    """Keep an event, queue it for each endpoint it is for, and queue its mail; tell if it has one.

    What nobody takes in `hand` is found by polling.
    """
    data: dict[str, Any] = orjson.loads(event.data)
    message = Message(
        event_id=event.id,
        type=event.type,
        subject=event.subject,
        sequence=event.sequence,
        partner_id=event.partner_id,
        workshop_id=data["id"] if event.type.startswith("workshop.") else data.get("workshop_id"),
        time=event.time,
        data=event.data,
        vin=vin_in(data),
    )
    about, notices = _about(event, data), notices_about(event.type, data)
    await messages.take_turn(work.connection)
    receipt = await receiving.receive(work.connection, message, about, notices, work.now)
    if receipt is None:
        message = message._replace(data=orjson.dumps(what_stays(data)).decode(), vin=None)
        await erasures.erase_late(work.connection, message)
        wanting = await endpoints.wanting(work.connection, message)
        queued = await deliveries.queue(
            work.connection, message, [each.endpoint_id for each in wanting], work.now
        )
    else:
        wanting, queued = receipt
    if hand is not None and queued:
        await hand(work, message, wanting, queued)
    return bool(receipt and notices)


def _about(event: Event, data: dict[str, Any]) -> list[str]:
    """Name what an event is about, and what that came of."""
    return [event.subject, *(data[name] for name in CAME_OF if isinstance(data.get(name), str))]


async def catch_up(work: Transaction, workshop_id: str) -> None:
    """Queue what was received about a workshop before its account was known."""
    for message, received_at in await messages.of_workshop(work.connection, workshop_id):
        wanting = await endpoints.wanting(work.connection, message, received_at)
        await deliveries.queue(
            work.connection, message, [each.endpoint_id for each in wanting], work.now
        )
