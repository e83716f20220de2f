"""Orders and their payments, as others are told of them."""

from __future__ import annotations

from services.order.domain.order import Order, ServiceEvent
from services.order.domain.payment import Payment, PaymentEvent
from services.order.domain.settlement import Event
from services.order.domain.supplement import Status, Supplement
from services.order.domain.terms import Line
from shared.contracts import PaymentV1, ServiceV1
from shared.contracts.common import Amount, Change, Contact, Vehicle
from shared.contracts.order import Decision, ServiceItem
from shared.contracts.order import Supplement as SupplementV1
from shared.events import Outgoing
from shared.money import Money


def published(event: Event) -> Outgoing:
    """Put an event into its contract; its subject is the order or the payment that changed."""
    match event:
        case ServiceEvent(announcement, order):
            return Outgoing(
                type=announcement,
                subject=order.id,
                partner_id=order.partner_id,
                sequence=order.sequence,
                data=_told(event),
            )
        case PaymentEvent(announcement, payment):
            return Outgoing(
                type=announcement,
                subject=payment.id,
                partner_id=payment.partner_id,
                sequence=payment.sequence,
                data=_payment(payment),
            )


def service(order: Order) -> ServiceV1:
    """Show the whole order."""
    terms = order.terms
    return ServiceV1(
        id=order.id,
        partner_id=order.partner_id,
        quote_id=order.quote_id,
        quote_version=order.quote_version,
        workshop_id=order.workshop_id,
        deal_id=order.deal_id,
        external_reference=order.external_reference,
        type=terms.type,
        status=order.status,
        vehicle=Vehicle.model_validate(terms.vehicle, from_attributes=True),
        items=tuple(map(_item, terms.lines)),
        subtotal=_amount(terms.subtotal),
        tax=_amount(terms.tax),
        total=_amount(terms.total),
        balance_due=_amount(order.balance_due),
        pay_url=f"/checkout/orders/{order.id}" if order.takes_card else None,
        pre_authorized=terms.pre_authorized and _amount(terms.pre_authorized),
        supplements=tuple(map(supplement, order.supplements)),
        paid=order.paid,
        payment_method=order.payment_method,
        needed_by=terms.needed_by,
        scheduled_at=terms.scheduled_at,
        estimated_duration=terms.estimated_duration,
        estimated_completion_at=order.estimated_completion_at,
        completed_at=order.completed_at,
        contact=terms.contact and Contact.model_validate(terms.contact, from_attributes=True),
        reason=order.reason,
        created_at=order.created_at,
    )


def largest(order: Order) -> int:
    """Reckon the bytes of an order, were all authorised that is undecided: lines are told twice."""
    undecided = (
        line for each in order.supplements if each.status is Status.OPEN for line in each.lines
    )
    more = sum(len(_item(line).model_dump_json().encode()) for line in undecided)
    return len(service(order).model_dump_json().encode()) + more


def supplement(shown: Supplement) -> SupplementV1:
    """Show a supplement."""
    return SupplementV1(
        id=shown.id,
        status=shown.status,
        reason=shown.reason,
        items=tuple(map(_item, shown.lines)),
        subtotal=_amount(shown.subtotal),
        tax=_amount(shown.tax),
        total=_amount(shown.total),
        estimated_completion_at=shown.estimated_completion_at,
        attachment_ids=shown.attachment_ids,
        decision=shown.decision and Decision.model_validate(shown.decision, from_attributes=True),
        created_at=shown.created_at,
    )


def _told(event: ServiceEvent) -> ServiceV1:
    changes = tuple(Change.model_validate(each, from_attributes=True) for each in event.changes)
    return service(event.order).model_copy(update={"changes": changes, "reason": event.reason})


def _item(line: Line) -> ServiceItem:
    return ServiceItem.model_validate(line, from_attributes=True)


def _payment(payment: Payment) -> PaymentV1:
    return PaymentV1.model_validate(payment, from_attributes=True)


def _amount(money: Money) -> Amount:
    return Amount(amount=money.amount, currency=money.currency)
