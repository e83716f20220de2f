"""A booking that is asked for, before there is a bay for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from services.booking.domain.booking import Booking, Place, Status
from services.booking.domain.details import (
    Asked,
    BookedService,
    Car,
    Customer,
    Details,
    Product,
    work,
)
from services.booking.domain.hours import Interval
from services.booking.domain.workshop import CatalogService, Category

MAX_AHEAD = timedelta(days=731)


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked for; the services of the catalog still by their ids."""

    workshop_id: str
    service_category: Category
    services: tuple[Asked, ...]
    drop_off_at: datetime
    customer: Customer
    car: Car
    external_reference: str | None = None
    notes: str | None = None
    products: tuple[Product, ...] = ()
    skip_notification: bool = False
    send_review_request: bool = True
    schedule_reminder: bool = True

    def details(self, services: tuple[BookedService, ...]) -> Details:
        """Return what may be changed later, with the services as the catalog completed them."""
        return Details(
            service_category=self.service_category,
            services=services,
            customer=self.customer,
            car=self.car,
            notes=self.notes,
            products=self.products,
        )


def from_catalog(service: CatalogService) -> BookedService:
    """Take a service over as the catalog has it now: a later change there changes no booking."""
    return BookedService(
        title=service.title,
        category=service.category,
        catalog_id=service.id,
        code=service.code,
        duration=service.duration,
        cost=service.cost,
    )


class InThePast(ValueError):
    """The time has been."""


class TooFarAhead(ValueError):
    """The time is further ahead than anybody plans."""


def check_time(drop_off_at: datetime, now: datetime) -> None:
    """See that a time can be booked; raises InThePast or TooFarAhead."""
    if drop_off_at <= now:
        raise InThePast
    if drop_off_at > now + MAX_AHEAD:
        raise TooFarAhead


def pending(
    request: Request,
    details: Details,
    *,
    booking_id: str,
    partner_id: str,
    workshop: Place,
    bay_id: str,
    now: datetime,
) -> Booking:
    """Make the booking of a request for which there is a bay."""
    needed = work(request.drop_off_at, details.services)
    return Booking(
        id=booking_id,
        partner_id=partner_id,
        workshop=workshop,
        bay_id=bay_id,
        status=Status.PENDING,
        drop_off_at=needed.start,
        ends_at=needed.end,
        details=details,
        created_at=now,
        external_reference=request.external_reference,
        skip_notification=request.skip_notification,
        send_review_request=request.send_review_request,
        schedule_reminder=request.schedule_reminder,
    )


def offered(slots: list[Interval], now: datetime) -> list[Interval]:
    """Leave out the slots that can't be booked any more, or not yet."""
    return [slot for slot in slots if now < slot.start <= now + MAX_AHEAD]
