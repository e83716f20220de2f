"""A calendar as a file that calendar programs subscribe to.

Source: RFC 5545, RFC 7986 for NAME, DESCRIPTION and REFRESH-INTERVAL. It has what the workshop's
people need to know of a visit: what, which car, whose; no address or number, as such a link gets
about.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

from services.booking.domain.booking import Status
from services.booking.domain.calendar import Agenda, Entry, Overview

if TYPE_CHECKING:
    from icalendar import Event

REFRESH = timedelta(minutes=15)
_FORM = 2
"""To be counted up when the same visits are written otherwise."""


def etag(shown: Overview) -> str:
    """Name a calendar's content, without writing it: a visit has a new number after each change."""
    whose = f"{shown.title} {shown.time_zone} {shown.resource_id}"
    seen = sha256(f"{_FORM} {whose} {shown.since} {shown.is_cut}".encode())
    for booking_id, sequence in shown.visits:
        seen.update(f" {booking_id} {sequence}".encode())
    return f'"{seen.hexdigest()[:32]}"'


def modified_at(shown: Overview, now: datetime) -> datetime:
    """Say when a calendar last changed, to the second; every midnight, as it moves on."""
    today = datetime.combine(now.date(), time(), UTC)
    # HTTP knows no change that is still to come, and a sandbox's links are made ahead of the wall.
    return min(max(shown.changed_at, today), now).replace(microsecond=0)


def ical(agenda: Agenda) -> bytes:
    """Write a calendar: the same visits give the same bytes."""
    # A quarter of a second to import, and few processes are ever asked.
    from icalendar import Calendar

    shown = agenda.overview
    calendar = Calendar()
    calendar.add("prodid", "-//Roadworthy//Workshop calendar//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("name", shown.title)
    calendar.add("x-wr-calname", shown.title)
    calendar.add("x-wr-timezone", shown.time_zone)
    if shown.is_cut:
        calendar.add("description", _cut(agenda))
        calendar.add("x-wr-caldesc", _cut(agenda))
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    for entry in agenda.entries:
        calendar.add_component(_event(entry, shown.resource_id))
    file: bytes = calendar.to_ical()
    return file


def _cut(agenda: Agenda) -> str:
    if not agenda.entries:
        return "There are more visits than this calendar has room for."
    first, last = (agenda.entries[at].booking.drop_off_at.date() for at in (0, -1))
    return (
        "There are more visits than this calendar has room for: "
        f"it shows those from {first} to {last}, the next ones before those that have been, "
        "and cancelled ones last."
    )


def _event(entry: Entry, resource_id: str | None) -> Event:
    from icalendar import Event

    booking = entry.booking
    gone = booking.status is Status.CANCELLED
    car, registration = booking.details.car, booking.details.car.registration
    titles = ", ".join(each.title for each in booking.details.services)
    called = " ".join(str(part) for part in (car.year, car.make, car.model) if part)
    lines = (
        f"Customer: {booking.details.customer.name}",
        f"Car: {called}" if called else None,
        f"Notes: {booking.details.notes}" if booking.details.notes else None,
        f"Cancelled: {booking.reason}" if gone and booking.reason else None,
    )
    event = Event()
    event.add("uid", booking.id)
    event.add("sequence", booking.sequence)
    event.add("dtstamp", entry.changed_at.replace(microsecond=0))
    event.add("created", booking.created_at.replace(microsecond=0))
    event.add("last-modified", entry.changed_at.replace(microsecond=0))
    event.add("dtstart", booking.drop_off_at)
    event.add("dtend", entry.until(resource_id))
    event.add("summary", f"{titles or 'Visit'}: {registration.plate}")
    event.add("description", "\n".join(filter(None, lines)))
    event.add("location", booking.workshop.name)
    event.add("categories", [booking.details.service_category])
    event.add("status", "CANCELLED" if gone else "CONFIRMED")
    event.add("transp", "TRANSPARENT" if gone else "OPAQUE")
    return event
