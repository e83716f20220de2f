"""Bookings: what is asked for, what may be changed, where it shall go."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from services.booking.domain.booking import Source, Status
from services.booking.domain.request import Slot, Visit
from services.booking.handlers.holds import HeldSlot
from services.booking.schemas.parts import Services
from services.booking.schemas.slots import NotWithHold, OfSlot
from services.booking.schemas.values import ServiceCategory
from services.booking.schemas.visits import VisitInput
from shared.ids import Id
from shared.inputs import Body, Line, Paragraph, UtcMoment


class NewBooking(VisitInput):
    """A visit to a workshop: who, with which car, and for what and when; or a hold's what and when.

    What a hold says (`workshop_id`, `service_category`, `services`, `drop_off_at`, `loan_car`,
    `courtesy`) is given by it or by the body, never by both.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "anyOf": [
                {"required": ["hold_id"]},
                {"required": ["workshop_id", "service_category", "drop_off_at"]},
            ]
        }
    )

    hold_id: Id | None = None
    retake_if_expired: Annotated[
        bool, Field(description="Should the hold have expired, take its slot anew if it is free")
    ] = False
    workshop_id: Annotated[Id | None, *OfSlot] = None
    service_category: Annotated[ServiceCategory | None, *OfSlot] = None
    services: Annotated[Services, NotWithHold] = ()
    drop_off_at: Annotated[UtcMoment | None, *OfSlot] = None
    loan_car: Annotated[bool, NotWithHold] = False
    courtesy: Annotated[bool, NotWithHold] = False
    external_reference: Annotated[
        Line | None, Field(description="A booking that stands under it is answered instead")
    ] = None
    source: Annotated[
        Literal[Source.API, Source.PAGE, Source.WALK_IN],
        Field(description="`walk-in` is the workshop's: its customer is there"),
    ] = Source.API

    reminder_code: Annotated[
        Line | None, Field(max_length=64, description="The reminder that this booking comes of")
    ] = None

    quote_id: Annotated[
        Id | None, Field(description="The quote whose work this is: its lines, without `services`")
    ] = None

    def wanted(self) -> Slot | HeldSlot:
        """Read what is to be booked as the domain knows it."""
        if self.workshop_id and self.service_category and self.drop_off_at:
            services = tuple(each.asked() for each in self.services)
            return Slot(
                self.workshop_id,
                self.service_category,
                services,
                self.drop_off_at,
                self.loan_car,
                self.courtesy,
            )
        return HeldSlot(self.hold_id or "", self.retake_if_expired)

    def booked(self) -> Visit:
        """Read whose visit it is as the domain knows it."""
        return replace(
            self.visit(),
            external_reference=self.external_reference,
            source=self.source,
            reminder_code=self.reminder_code,
            quote_id=self.quote_id,
        )


class StatusInput(Body):
    """Where the booking shall go, and why; a workshop cancels for `no-show` if nobody came."""

    status: Status
    reason: Paragraph | None = None


class TimeInput(Body):
    """When the visit shall be instead."""

    drop_off_at: UtcMoment


class BookingQuery(BaseModel):
    """Which bookings are asked for; `from` and `to` bound the drop-off, `to` not included."""

    workshop_id: Annotated[str | None, Field(max_length=64)] = None
    status: Status | None = None
    external_reference: Annotated[str | None, Field(max_length=200)] = None
    series_id: Annotated[str | None, Field(max_length=64)] = None
    since: Annotated[UtcMoment | None, Field(alias="from")] = None
    until: Annotated[UtcMoment | None, Field(alias="to")] = None
