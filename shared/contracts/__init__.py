"""The events that each service publishes: the only thing services know of one another.

A contract is a model with a version in its `dataschema`. Adding an optional field keeps its
version; anything else is V2, beside V1 for a stated time. Readers ignore what they do not know.
"""

from shared.contracts.booking import BookingV1, ReminderV1, ReviewV1, WorkshopV1
from shared.contracts.clock import ClockV1
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
from shared.contracts.registry import CONTRACTS, TOPICS, dataschema, topic_of

__all__ = [
    "CONTRACTS",
    "TOPICS",
    "BookingV1",
    "ClockV1",
    "CreditNoteV1",
    "DealV1",
    "DeliveryExhaustedV1",
    "EndpointDisabledV1",
    "EndpointFailingV1",
    "InvoiceV1",
    "PartnerV1",
    "PaymentV1",
    "QuoteV1",
    "RateCardV1",
    "RecipientUnsubscribedV1",
    "ReminderV1",
    "ReviewV1",
    "ServiceV1",
    "WorkshopV1",
    "dataschema",
    "topic_of",
]
