"""The iCalendar file of a booking: the same event in the customer's calendar, kept up to date.

Source: RFC 5545, and RFC 5546 for what REQUEST and CANCEL need.
"""

from __future__ import annotations

from email.utils import parseaddr

from icalendar import Calendar, Event, vCalAddress, vText

from services.notifier.domain.message import Message
from shared.contracts import BookingV1

_METHODS = {
    "booking.created": "REQUEST",
    "booking.updated": "REQUEST",
    "booking.cancelled": "CANCEL",
}


def invitation(message: Message, sender: str) -> tuple[str, bytes] | None:
    """Make the file of a booking's event, with its iTIP method; None for any other event.

    The UID is the booking's id, as in the workshop's calendars, and SEQUENCE the event's: a later
    file replaces an earlier one, whatever their order of arrival.
    """
    method = _METHODS.get(message.type)
    if method is None:
        return None
    booking = BookingV1.model_validate_json(message.data)
    address = parseaddr(sender)[1]
    event = Event()
    event.add("uid", booking.id)
    event.add("sequence", message.sequence)
    event.add("dtstamp", message.time)
    event.add("dtstart", booking.drop_off_at)
    event.add("dtend", booking.ends_at)
    titles = ", ".join(service.title for service in booking.services)
    event.add("summary", f"{titles or 'Booking'} at {booking.workshop_name}")
    event.add("location", booking.workshop_name)
    event.add("status", "CANCELLED" if method == "CANCEL" else "CONFIRMED")
    event.add("organizer", _person(address, booking.workshop_name))
    if booking.customer.email:
        event.add("attendee", _person(booking.customer.email, booking.customer.name))
    calendar = Calendar()
    calendar.add("prodid", "-//Roadworthy//Bookings//EN")
    calendar.add("version", "2.0")
    calendar.add("method", method)
    calendar.add_component(event)
    return method, calendar.to_ical()


def _person(address: str, name: str | None) -> vCalAddress:
    person = vCalAddress(f"mailto:{address}")
    if name:
        person.params["CN"] = vText(name)
    return person
