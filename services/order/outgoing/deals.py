"""Deals, as others are told of them."""

from __future__ import annotations

from services.order.domain.deal import Deal, DealEvent
from services.order.domain.rollup import Billed, RollUp
from shared.contracts import DealV1
from shared.contracts.common import Amount, Contact
from shared.events import Outgoing


def published(event: DealEvent, stands: RollUp | None = None) -> Outgoing:
    """Put an event into its contract, with what stands on the deal if anything does."""
    deal = event.deal
    return Outgoing(
        type=event.announcement,
        subject=deal.id,
        partner_id=deal.partner_id,
        sequence=deal.sequence,
        data=rolled_up(stands) if stands else snapshot(deal),
    )


def rolled_up(stands: RollUp) -> DealV1:
    """Show a deal with what it names: orders on its invoice, quotes that were paid separately."""
    on_deal = [each.id for each in stands.orders if stands.billed(each) is Billed.ON_DEAL]
    told = {
        "order_ids": tuple(on_deal),
        "quote_ids": stands.paid_separately,
        "invoice_id": stands.final and stands.final.id,
        "total": Amount(amount=stands.total.amount, currency=stands.total.currency),
    }
    return snapshot(stands.deal).model_copy(update=told)


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
