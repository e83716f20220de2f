"""Which event types there are, what each carries, and on which topic it travels."""

from __future__ import annotations

from shared.contracts.booking import BookingV1, ReminderV1, ReviewV1, WorkshopV1
from shared.contracts.clock import ClockV1
from shared.contracts.common import Contract
from shared.contracts.notifier import (
    DeliveryExhaustedV1,
    EndpointDisabledV1,
    EndpointFailingV1,
    RecipientUnsubscribedV1,
)
from shared.contracts.order import CreditNoteV1, DealV1, InvoiceV1, PaymentV1, ServiceV1
from shared.contracts.partner import PartnerV1
from shared.contracts.quote import QuoteV1
from shared.contracts.rates import RateCardV1

SCHEMA_BASE = "https://roadworthy.dev/schemas"

TOPICS: dict[str, dict[str, type[Contract]]] = {
    "quote.events": {
        "quote.created": QuoteV1,
        "quote.priced": QuoteV1,
        "quote.revised": QuoteV1,
        "quote.updated": QuoteV1,
        "quote.declined": QuoteV1,
        "quote.expired": QuoteV1,
        "quote.ordered": QuoteV1,
        "rate-card.updated": RateCardV1,
    },
    "order.events": {
        "service.created": ServiceV1,
        "service.updated": ServiceV1,
        "service.completed": ServiceV1,
        "payment.succeeded": PaymentV1,
        "payment.failed": PaymentV1,
        "payment.refunded": PaymentV1,
        "deal.created": DealV1,
        "deal.closed": DealV1,
        "invoice.created": InvoiceV1,
        "invoice.paid": InvoiceV1,
        "invoice.voided": InvoiceV1,
        "credit-note.created": CreditNoteV1,
    },
    "booking.events": {
        "booking.created": BookingV1,
        "booking.updated": BookingV1,
        "booking.cancelled": BookingV1,
        "booking.completed": BookingV1,
        "reminder.scheduled": ReminderV1,
        "reminder.due": ReminderV1,
        "review.requested": ReviewV1,
        "workshop.created": WorkshopV1,
        "workshop.updated": WorkshopV1,
        "clock.advanced": ClockV1,
    },
    "partner.events": {
        "partner.created": PartnerV1,
        "partner.updated": PartnerV1,
    },
    "notifier.events": {
        "endpoint.disabled": EndpointDisabledV1,
        "endpoint.failing": EndpointFailingV1,
        "delivery.exhausted": DeliveryExhaustedV1,
        "recipient.unsubscribed": RecipientUnsubscribedV1,
    },
}

CONTRACTS: dict[str, type[Contract]] = {
    event_type: contract for types in TOPICS.values() for event_type, contract in types.items()
}

_TOPIC_OF = {event_type: topic for topic, types in TOPICS.items() for event_type in types}


def topic_of(event_type: str) -> str:
    """Name the topic of a type; raises KeyError for a type that nobody publishes."""
    return _TOPIC_OF[event_type]


def dataschema(event_type: str) -> str:
    """Name the schema of a type's data, version included; raises KeyError for an unknown type."""
    return f"{SCHEMA_BASE}/{CONTRACTS[event_type].__name__}.json"
