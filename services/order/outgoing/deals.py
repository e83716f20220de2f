"""Deals, as others are told of them."""

from __future__ import annotations

from services.order.domain.deal import Deal, DealEvent
from shared.contracts import DealV1
from shared.contracts.common import Contact
from shared.events import Outgoing


def published(event: DealEvent) -> Outgoing:
    """Put an event into its contract."""
    deal = event.deal
    return Outgoing(
        type=event.announcement,
        subject=deal.id,
        partner_id=deal.partner_id,
        sequence=deal.sequence,
        data=snapshot(deal),
    )


def snapshot(deal: Deal) -> DealV1:
    """Show a deal by itself."""
    return DealV1(
        id=deal.id,
        partner_id=deal.partner_id,
        reference=deal.reference,
        status=deal.status,
        currency=deal.currency,
        contact=deal.contact and Contact.model_validate(deal.contact, from_attributes=True),
        created_at=deal.created_at,
        closed_at=deal.closed_at,
    )
