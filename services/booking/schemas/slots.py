"""Slots that are asked for, and those that are held."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, Field, ValidationInfo, ValidatorFunctionWrapHandler, WrapValidator
from pydantic_core import PydanticCustomError

from services.booking import outgoing
from services.booking.domain.hold import Hold, Status
from services.booking.domain.request import Slot
from services.booking.domain.workshop import Category
from services.booking.schemas.parts import Services
from services.booking.schemas.values import ServiceCategory
from shared.contracts.booking import BookedService
from shared.ids import Id
from shared.inputs import Body, UtcMoment


class SlotInput(Body):
    """Where, for what and when a bay is asked for."""

    workshop_id: Id
    service_category: ServiceCategory
    services: Services = ()
    drop_off_at: UtcMoment
    loan_car: Annotated[bool, Field(description="Whether a car is lent until the pick-up")] = False
    courtesy: Annotated[bool, Field(description="Whether a lift or a seat is needed")] = False

    def slot(self) -> Slot:
        """Read it as the domain knows it."""
        services = tuple(each.asked() for each in self.services)
        return Slot(
            self.workshop_id,
            self.service_category,
            services,
            self.drop_off_at,
            self.loan_car,
            self.courtesy,
        )


def _not_with_hold(value: Any, info: ValidationInfo) -> None:
    if value and info.data.get("hold_id"):
        raise PydanticCustomError("held-already", "The hold says this; leave it out.")


def _without_hold(value: Any, validate: ValidatorFunctionWrapHandler, info: ValidationInfo) -> Any:
    _not_with_hold(value, info)
    return validate(value)


def _instead_of_hold(
    value: Any, validate: ValidatorFunctionWrapHandler, info: ValidationInfo
) -> Any:
    _not_with_hold(value, info)
    if value is not None:
        return validate(value)
    # A malformed hold_id was given, too: it is named, and nothing else is missing.
    if "hold_id" in info.data and info.data["hold_id"] is None:
        raise PydanticCustomError("missing", "Field required, unless a hold says it.")
    return None


OfSlot = (Field(validate_default=True), WrapValidator(_instead_of_hold))
"""For a field that the body has to say where no `hold_id` before it does."""

NotWithHold = WrapValidator(_without_hold)
"""For a field that the body may say where no `hold_id` before it does."""


class HoldOut(BaseModel):
    """A slot that is kept until `expires_at`; `booking_id` once it is confirmed."""

    id: str
    partner_id: str
    workshop_id: str
    status: Status
    service_category: Category
    services: list[BookedService]
    drop_off_at: datetime
    ends_at: datetime
    pick_up_at: datetime
    loan_car: bool
    courtesy: bool
    expires_at: datetime
    booking_id: str | None

    @classmethod
    def of(cls, hold: Hold, now: datetime) -> HoldOut:
        """Show a hold as it stands at a moment."""
        status = hold.standing(now)
        return cls(
            id=hold.id,
            partner_id=hold.partner_id,
            workshop_id=hold.workshop.id,
            status=status,
            service_category=hold.job.category,
            services=[outgoing.service(each) for each in hold.job.services],
            drop_off_at=hold.placement.drop_off_at,
            ends_at=hold.placement.ends_at,
            pick_up_at=hold.placement.pick_up_at,
            loan_car=hold.placement.loan_car_id is not None,
            courtesy=hold.job.courtesy,
            expires_at=hold.expires_at,
            booking_id=hold.booking_id if status is Status.CONFIRMED else None,
        )
