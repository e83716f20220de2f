"""The booking database: workshops, what they have and offer, bookings and what follows them."""

from services.booking.tables import (
    bookings,
    calendars,
    customers,
    facilities,
    page_tries,
    quotes,
    reminders,
    reports,
    series,
    workshops,
)
from services.booking.tables.base import metadata

__all__ = [
    "bookings",
    "calendars",
    "customers",
    "facilities",
    "metadata",
    "page_tries",
    "quotes",
    "reminders",
    "reports",
    "series",
    "workshops",
]
