"""Whom an event is told by mail: a contact, the account itself, or a workshop's customer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

TO_CONTACT = frozenset(
    {
        "quote.created",
        "quote.priced",
        "quote.revised",
        "quote.expired",
        "service.created",
        "service.updated",
        "service.completed",
        "invoice.created",
        "invoice.paid",
        "invoice.voided",
        "credit-note.created",
        "deal.closed",
    }
)
"""To the contact that the quote, order or deal names, else to the account."""

TO_ACCOUNT = frozenset(
    {
        "payment.failed",
        "payment.refunded",
        "endpoint.disabled",
        "endpoint.failing",
        "delivery.exhausted",
    }
)
"""What a webhook couldn't tell is told once by mail: its endpoint isn't asked twice a day."""

TO_CUSTOMER = frozenset(
    {
        "booking.created",
        "booking.updated",
        "booking.cancelled",
        "booking.completed",
        "review.requested",
        "reminder.due",
    }
)
"""To the customer, unless the partner asked to skip that; never to anyone in their place."""

UNSUBSCRIBABLE = frozenset({"reminder.due", "review.requested"})
"""What a customer may wish not to get, and never misses a booking by."""

TEXTED = frozenset({"booking.created", "reminder.due"})
"""What a customer gets as a text message, too, where the partner chose that."""


NOBODY_THERE = frozenset({"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1"})
"""Enhanced status codes (RFC 3463, RFC 7505) that will not change: no such mailbox, domain or
address, one that moved or takes no mail. Not what is about the sender (5.1.7, 5.1.8), or a policy.
"""


@dataclass(frozen=True, slots=True)
class RecipientUnsubscribed:
    """Somebody wants no more of what is unsubscribable of an account's."""

    id: str
    partner_id: str
    address_hash: str
    at: datetime


READ_BY_PEOPLE = ("status", "scheduled_at", "supplements/")
"""What a change of an order is about, by how its fields begin, when people are written to."""

MAILED = TO_CONTACT | TO_ACCOUNT | TO_CUSTOMER


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail that has to go out; without a recipient, to the account's own address."""

    recipient: str | None


@dataclass(frozen=True, slots=True)
class Notice:
    """A mail or a text message; of several `about` the same, the day's first alone goes out."""

    channel: Literal["mail", "text"]
    recipient: str | None
    about: str | None = None


def notices_about(event_type: str, data: Mapping[str, Any]) -> list[Notice]:
    """Say what people are told of this event, and by which way."""
    notices = []
    if (mail := mail_about(event_type, data)) is not None:
        about = data.get("endpoint_id") if event_type == "delivery.exhausted" else None
        notices.append(Notice("mail", mail.recipient, about))
    if event_type in TEXTED and not data.get("skip_notification"):
        phone = (data.get("customer") or {}).get("phone")
        if phone:
            notices.append(Notice("text", phone))
    return notices


def mail_about(event_type: str, data: Mapping[str, Any]) -> Mail | None:
    """Say who gets a mail about this event, if anyone does."""
    if event_type == "endpoint.disabled" and data.get("reason") == "asked":
        return None  # whoever asked for it knows
    if event_type in TO_ACCOUNT:
        return Mail(None)
    if event_type == "service.updated" and not _for_people(data):
        return None
    if event_type in TO_CONTACT:
        return Mail((data.get("contact") or {}).get("email"))
    if event_type not in TO_CUSTOMER or data.get("skip_notification"):
        return None
    email = (data.get("customer") or {}).get("email")
    return Mail(email) if email else None


def _for_people(order: Mapping[str, Any]) -> bool:
    """Leave out what a workshop ticks off line by line."""
    fields = [str(change["field"]) for change in order.get("changes") or ()]
    return not fields or any(field.startswith(READ_BY_PEOPLE) for field in fields)
