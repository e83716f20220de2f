"""Events of bookings: published, and counted for the reports, with the change that they tell of."""

from __future__ import annotations

from collections.abc import Iterable

from services.booking import outgoing
from services.booking.domain.booking import BookingEvent
from services.booking.outgoing import Event
from services.booking.repository import reports
from shared.database import Transaction


async def tell(work: Transaction, events: Iterable[Event]) -> None:
    """Publish events, and take those of bookings into the projection of the reports."""
    listed = list(events)
    published = list(map(outgoing.published, listed))
    work.publish(*published)
    counted = [
        (each.sequence, each.data.model_dump_json())
        for event, each in zip(listed, published, strict=True)
        if isinstance(event, BookingEvent)
    ]
    if counted:
        await reports.tell(work.connection, counted)
