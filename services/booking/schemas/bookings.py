"""Bookings: what is asked for, what may be changed, where it shall go."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field

from services.booking.domain.booking import Status
from services.booking.domain.request import Request
from services.booking.schemas.parts import (
    CarInput,
    CustomerInput,
    ProductInput,
    Products,
    Services,
)
from services.booking.schemas.values import ServiceCategory
from shared.ids import Id
from shared.inputs import Body, Line, Paragraph, UtcMoment


class NewBooking(Body):
    """A visit to a workshop: who, with which car, for what and when."""

    workshop_id: Id
    service_category: ServiceCategory
    services: Services = ()
    drop_off_at: UtcMoment
    customer: CustomerInput
    car: CarInput
    external_reference: Annotated[
        Line | None, Field(description="A booking that stands under it is answered instead")
    ] = None
    notes: Paragraph | None = None
    products: Products = ()
    skip_notification: bool = False
    send_review_request: bool = True
    schedule_reminder: bool = True

    def request(self) -> Request:
        """Read it as the domain knows it."""
        return Request(
            workshop_id=self.workshop_id,
            service_category=self.service_category,
            services=tuple(each.asked() for each in self.services),
            drop_off_at=self.drop_off_at,
            customer=self.customer.customer(),
            car=self.car.car(),
            external_reference=self.external_reference,
            notes=self.notes,
            products=tuple(map(ProductInput.product, self.products)),
            skip_notification=self.skip_notification,
            send_review_request=self.send_review_request,
            schedule_reminder=self.schedule_reminder,
        )


class StatusInput(Body):
    """Where the booking shall go, and why."""

    status: Status
    reason: Paragraph | None = None


class BookingQuery(BaseModel):
    """Which bookings are asked for; `from` and `to` bound the drop-off, `to` not included."""

    workshop_id: Annotated[str | None, Field(max_length=64)] = None
    status: Status | None = None
    external_reference: Annotated[str | None, Field(max_length=200)] = None
    since: Annotated[UtcMoment | None, Field(alias="from")] = None
    until: Annotated[UtcMoment | None, Field(alias="to")] = None
