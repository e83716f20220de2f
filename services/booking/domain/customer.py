"""Whom a partner's bookings are for: known by a phone number, or else by an email address."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from services.booking.domain.details import Customer


@dataclass(frozen=True, slots=True)
class Known:
    """A contact of a partner's, as it was named last, and whether it wants to be reminded.

    Who is `unsubscribed` said so by a mail's link; nobody says otherwise in their place.
    """

    id: str
    partner_id: str
    customer: Customer
    time_zone: str | None = None
    accepts_reminders: bool = True
    unsubscribed: bool = False

    def zone(self, otherwise: str) -> ZoneInfo:
        """Return the customer's time zone, or another where it is unknown."""
        return ZoneInfo(self.time_zone or otherwise)


class Unsubscribed(Exception):
    """Somebody else wants reminders for a customer who ended them."""


def check_wishes(known: Known) -> None:
    """Raise Unsubscribed where a partner would have reminded who ended that."""
    if known.unsubscribed and known.accepts_reminders:
        raise Unsubscribed


def contact_of(customer: Customer) -> str:
    """Return what tells a customer from others."""
    return customer.phone or (customer.email or "").casefold()
