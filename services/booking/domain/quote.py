"""Quotes, as far as a visit can be made of one."""

from __future__ import annotations

from dataclasses import dataclass

from services.booking.domain.details import InOwnWords

CLOSED = frozenset({"declined", "expired"})
"""The statuses in which nobody comes for a quote's work any more."""


@dataclass(frozen=True, slots=True)
class Quote:
    """A partner's quote; `services` are its lines but those declined, the first with all the time.

    A quote estimates how long the whole takes, not each line.
    """

    id: str
    partner_id: str
    workshop_id: str | None
    status: str
    services: tuple[InOwnWords, ...]


class UnknownQuote(Exception):
    """There is no such quote of the partner's."""


class OtherWorkshop(Exception):
    """The quote was asked of another workshop."""


class QuoteClosed(Exception):
    """The quote was declined, or has expired; `status` says which."""

    def __init__(self, status: str) -> None:
        self.status = status
        super().__init__(f"the quote is {status}")


class QuoteBooked(Exception):
    """The quote's work is booked already, as `booking_id`."""

    def __init__(self, booking_id: str) -> None:
        self.booking_id = booking_id
        super().__init__("the quote's work is booked already")


def check_open(quote: Quote) -> None:
    """See that somebody may still come for a quote's work; raises QuoteClosed."""
    if quote.status in CLOSED:
        raise QuoteClosed(quote.status)


def check_workshop(quote: Quote, workshop_id: str) -> None:
    """See that a workshop may do a quote's work; raises OtherWorkshop."""
    if quote.workshop_id not in (None, workshop_id):
        raise OtherWorkshop
