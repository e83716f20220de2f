"""A link to the booking page, a partner's or a reminder's: for whom, and what is filled in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from services.booking.domain.aftercare import Reminder

USUAL_LIFE = timedelta(days=30)
MAX_LIFE = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Link:
    """What a link says; `typed` is filled into the page's form, by its fields' names.

    The rest of the car (`make`, `model`, `year`, `mileage`) isn't asked for on the page.
    `reminder_code` is of the reminder that it comes of, `booked_as` what came of that already.
    """

    partner_id: str
    workshop_id: str
    service_ids: tuple[str, ...] = ()
    typed: Mapping[str, str] = field(default_factory=dict)
    car: Mapping[str, str | int] = field(default_factory=dict)
    external_reference: str | None = None
    reminder_code: str | None = None
    booked_as: str | None = None


def of_reminder(reminder: Reminder) -> Link:
    """Make the link that a reminder's code stands for."""
    customer, car = reminder.customer, reminder.car
    known = {
        "name": customer.name,
        "email": customer.email,
        "phone": customer.phone,
        "plate": car.registration.plate if car else None,
        "country": car.registration.country if car else None,
        "vin": car.vin if car else None,
    }
    rest = {"make": car.make, "model": car.model, "year": car.year} if car else {}
    return Link(
        partner_id=reminder.partner_id,
        workshop_id=reminder.workshop.id,
        typed={name: value for name, value in known.items() if value},
        car={name: value for name, value in rest.items() if value},
        reminder_code=reminder.code,
        booked_as=reminder.rebooking_id,
    )
