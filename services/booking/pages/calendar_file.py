"""A booking as a file for the customer's calendar.

Source: RFC 5545. UID and SEQUENCE are those of the invitations by mail and of the workshop's
calendars: whichever file is later replaces the other.
"""

from __future__ import annotations

from datetime import datetime

from icalendar import Calendar, Event

from services.booking.domain.booking import Booking, Status
from services.booking.domain.workshop import Workshop


def calendar_file(booking: Booking, workshop: Workshop, url: str, now: datetime) -> bytes:
    """Write the file; `url` is where the booking can be seen, moved and cancelled."""
    event = Event()
    event.add("uid", booking.id)
    event.add("sequence", booking.sequence)
    event.add("dtstamp", now)
    event.add("dtstart", booking.drop_off_at)
    event.add("dtend", booking.ends_at)
    titles = ", ".join(each.title for each in booking.details.services)
    name = workshop.profile.name
    event.add("summary", f"{titles} \N{EN DASH} {name}" if titles else name)
    event.add("location", name)
    event.add("description", url)
    event.add("url", url)
    cancelled = booking.status is Status.CANCELLED
    event.add("status", "CANCELLED" if cancelled else "CONFIRMED")
    calendar = Calendar()
    calendar.add("prodid", "-//Roadworthy//Bookings//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "CANCEL" if cancelled else "PUBLISH")
    calendar.add_component(event)
    written: bytes = calendar.to_ical()
    return written
