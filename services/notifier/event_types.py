"""The catalog of event types: what each means, its schema, and an example."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import orjson

from shared.contracts import CONTRACTS, dataschema

_DESCRIPTIONS = {
    "quote.created": "A quote was asked for and, unless a person has to price a line, priced.",
    "quote.priced": "A person priced what was open; the quote can be paid now.",
    "quote.revised": "The quote has a new version; the former one can't be paid any more.",
    "quote.updated": "Lines of the quote were authorised or declined, or its work was booked.",
    "quote.declined": "The quote was declined.",
    "quote.expired": "The quote's time ran out before it was paid.",
    "quote.ordered": "The quote was paid, and an order made of it.",
    "rate-card.updated": "What a service costs was set anew, or is told again as it stands.",
    "service.created": "An order is placed, and waits for work to start.",
    "service.updated": "An order changed: started, delayed, resumed, canceled or rescheduled.",
    "service.completed": "The work is done; these are the order's final details.",
    "payment.succeeded": "A payment went through.",
    "payment.failed": "A payment did not go through; nothing was charged.",
    "payment.refunded": "A payment was given back, in part or in full.",
    "deal.created": "A deal was opened, to hold several orders' invoices together.",
    "deal.closed": "A deal was closed, and its final invoice made.",
    "invoice.created": "An invoice was issued.",
    "invoice.paid": "An invoice was paid in full.",
    "invoice.voided": "An unpaid invoice was taken back.",
    "credit-note.created": "A credit note took back some of an invoice, or all of it.",
    "booking.created": "A customer's booking was made.",
    "booking.updated": "A booking's details, time or status changed.",
    "booking.cancelled": "A booking was cancelled, by the customer or the workshop.",
    "booking.completed": "The booked work is done.",
    "reminder.scheduled": "A service reminder was planned.",
    "reminder.due": "A service reminder is due now.",
    "review.requested": "The customer is asked for a review.",
    "workshop.created": "A workshop was set up.",
    "workshop.updated": "A workshop's details changed.",
    "clock.advanced": "A sandbox's business time was put forward.",
    "partner.created": "An account was opened.",
    "partner.updated": "An account's details changed.",
    "endpoint.disabled": "A webhook endpoint is no longer sent to.",
    "endpoint.failing": "A webhook endpoint took nothing for a day; it is still sent to.",
    "recipient.unsubscribed": "Somebody wants no more reminders and review requests.",
    "delivery.exhausted": "A webhook's last retry failed; it can be sent again by hand.",
}


@dataclass(frozen=True, slots=True)
class EventType:
    """One type of event, as subscribers need to know it."""

    name: str
    description: str
    dataschema: str
    json_schema: dict[str, Any]
    example: dict[str, Any]


@cache
def catalog() -> dict[str, EventType]:
    """List every type by its name."""
    examples = resources.files("shared.contracts") / "examples"
    return {
        name: EventType(
            name=name,
            description=_DESCRIPTIONS[name],
            dataschema=dataschema(name),
            json_schema=contract.model_json_schema(mode="serialization"),
            example=orjson.loads((examples / f"{name}.json").read_bytes()),
        )
        for name, contract in CONTRACTS.items()
    }
