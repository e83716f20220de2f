"""What every change of an order leaves behind: the row, its history, and what others are told."""

from __future__ import annotations

from datetime import datetime

from services.order.domain.order import Order, ServiceEvent
from services.order.domain.payment import PaymentEvent
from services.order.domain.settlement import Event
from services.order.handlers.invoicing import bill
from services.order.outgoing import published
from services.order.repository import orders
from services.order.repository.orders import Actor
from shared.database import Transaction


async def record(
    work: Transaction,
    before: Order,
    after: Order,
    events: tuple[Event, ...],
    actor: Actor,
    *,
    since: datetime | None = None,
) -> None:
    """Save a locked order that changed, its history and its invoices; publish its events.

    `since` is when the change came into effect, if that wasn't just now.
    """
    outgoing = [published(event) for event in events]
    if after != before:
        told_by = next((each.id for each in outgoing if each.subject == after.id), None)
        why = next((each.reason for each in events if isinstance(each, ServiceEvent)), after.reason)
        await orders.save(work.connection, after)
        await orders.record(
            work.connection,
            before,
            after,
            at=work.now,
            actor=actor,
            event_id=told_by,
            reason=why,
            effective_at=since,
        )
        paid_by = next((each.payment.id for each in events if isinstance(each, PaymentEvent)), None)
        outgoing += await bill(work, before, after, event_id=told_by, payment_id=paid_by)
    work.publish(*outgoing)
