"""Others' events, and what they mean here."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from pydantic import TypeAdapter

from services.quote.handlers import deciding
from services.quote.repository import projections, workload
from shared.contracts import BookingV1, DealV1, ServiceV1, WorkshopV1
from shared.database import Transaction
from shared.events import Event
from shared.inbox import Effect

TOPICS = ("order.events", "booking.events")


OPEN = frozenset({"pending", "in-progress", "delayed"})
_DURATION = TypeAdapter(timedelta)


async def _ordered(work: Transaction, event: Event) -> None:
    await _moved(work, event)
    order = ServiceV1.model_validate_json(event.data)
    if order.quote_id is not None:
        await deciding.mark_ordered(work, order, order.quote_id)


async def _moved(work: Transaction, event: Event) -> None:
    order = ServiceV1.model_validate_json(event.data)
    if order.workshop_id is None:
        return
    duration = order.estimated_duration
    await workload.keep(
        work.connection,
        order.id,
        order.workshop_id,
        is_open=order.status in OPEN,
        work=_DURATION.validate_python(duration) if duration else timedelta(),
        sequence=event.sequence,
    )


async def _workshop(work: Transaction, event: Event) -> None:
    workshop = WorkshopV1.model_validate_json(event.data)
    await projections.put_workshop(
        work.connection, workshop.id, workshop.partner_id, workshop.country, workshop.region
    )


async def _deal(work: Transaction, event: Event) -> None:
    deal = DealV1.model_validate_json(event.data)
    await projections.put_deal(work.connection, deal.id, deal.partner_id, deal.status)


async def _visit(work: Transaction, event: Event) -> None:
    booking = BookingV1.model_validate_json(event.data)
    if booking.quote_id is not None:
        await deciding.note_visit(work, booking, booking.quote_id)


EFFECTS: Mapping[str, Effect] = {
    "service.created": _ordered,
    "service.updated": _moved,
    "service.completed": _moved,
    "workshop.created": _workshop,
    "workshop.updated": _workshop,
    "deal.created": _deal,
    "deal.closed": _deal,
    "booking.created": _visit,
    "booking.cancelled": _visit,
}
