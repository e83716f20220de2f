"""A booking that is asked for, before there is a bay for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.booking.domain.booking import Booking, Place, Source, Status
from services.booking.domain.details import (
    Asked,
    BookedService,
    Car,
    Customer,
    Details,
    FromCatalog,
    InOwnWords,
    Product,
)
from services.booking.domain.need import Job
from services.booking.domain.placement import Placement
from services.booking.domain.workshop import MAX_AHEAD, CatalogService, Category


@dataclass(frozen=True, slots=True)
class Slot:
    """Where, when and for what a bay is asked for; services of the catalog still by their ids."""

    workshop_id: str
    service_category: Category
    services: tuple[Asked, ...]
    drop_off_at: datetime
    loan_car: bool = False
    courtesy: bool = False


@dataclass(frozen=True, slots=True)
class Visit:
    """Whose visit it is, with which car, and what is to come of it.

    `manage_url` makes, of a booking's id, the address at which the customer moves or cancels it.
    """

    customer: Customer
    car: Car
    external_reference: str | None = None
    notes: str | None = None
    products: tuple[Product, ...] = ()
    skip_notification: bool = False
    send_review_request: bool = True
    schedule_reminder: bool = True
    source: Source = Source.API
    series_id: str | None = None
    reminder_code: str | None = None
    reminder_id: str | None = None
    quote_id: str | None = None
    manage_url: Callable[[str], str] | None = None
    time_zone: str | None = None

    def details(self, job: Job) -> Details:
        """Return what may be changed later, with the services as the catalog completed them."""
        return Details(
            service_category=job.category,
            services=job.services,
            customer=self.customer,
            car=self.car,
            notes=self.notes,
            products=self.products,
            loan_car=job.loan_car,
            courtesy=job.courtesy,
        )


class NotInCatalog(ValueError):
    """Services that the workshop's catalog doesn't have; `places` are where they were asked for."""

    def __init__(self, places: tuple[int, ...]) -> None:
        self.places = places
        super().__init__("the workshop's catalog has no such service")


def complete(
    asked: Sequence[Asked], catalog: Mapping[str, CatalogService], category: Category
) -> tuple[BookedService, ...]:
    """Take services over as the catalog has them now; raises NotInCatalog.

    A later change of the catalog changes no booking.
    """
    unknown = tuple(
        place
        for place, each in enumerate(asked)
        if isinstance(each, FromCatalog) and each.catalog_id not in catalog
    )
    if unknown:
        raise NotInCatalog(unknown)
    return tuple(_completed(each, catalog, category) for each in asked)


def _completed(
    asked: Asked, catalog: Mapping[str, CatalogService], category: Category
) -> BookedService:
    match asked:
        case FromCatalog(catalog_id, description):
            offer = catalog[catalog_id].offer
            return BookedService(
                title=offer.title,
                category=offer.category,
                catalog_id=catalog_id,
                code=offer.code,
                description=description,
                duration=offer.duration,
                cost=offer.cost,
                buffer_before=offer.buffer_before,
                buffer_after=offer.buffer_after,
                resources=offer.resources,
                skills=offer.skills,
            )
        case InOwnWords(title):
            return BookedService(
                title=title,
                category=asked.category or category,
                code=asked.code,
                description=asked.description,
                duration=asked.duration,
                cost=asked.cost,
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
    visit: Visit,
    details: Details,
    *,
    booking_id: str,
    partner_id: str,
    workshop: Place,
    placement: Placement,
    now: datetime,
) -> Booking:
    """Make the booking of a visit for which there is a bay."""
    return Booking(
        id=booking_id,
        partner_id=partner_id,
        workshop=workshop,
        status=Status.PENDING,
        placement=placement,
        details=details,
        created_at=now,
        external_reference=visit.external_reference,
        skip_notification=visit.skip_notification,
        send_review_request=visit.send_review_request,
        schedule_reminder=visit.schedule_reminder,
        source=visit.source,
        series_id=visit.series_id,
        reminder_id=visit.reminder_id,
        quote_id=visit.quote_id,
        manage_url=visit.manage_url(booking_id) if visit.manage_url else None,
    )
