"""Reminders that are asked for."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from services.booking.handlers.reminders import Wanted
from shared.ids import Id
from shared.inputs import Body, Phone


class NewReminder(Body):
    """Whom to remind now: by id, which wins, or by phone."""

    customer_id: Id | None = None
    phone: Phone | None = None
    workshop_id: Annotated[
        Id | None, Field(description="Of the customer's visits; the last one's if it is left out")
    ] = None

    @model_validator(mode="after")
    def _names_somebody(self) -> NewReminder:
        if self.customer_id is None and self.phone is None:
            raise PydanticCustomError("nobody", "Give a customer_id or a phone.")
        return self

    def wanted(self) -> Wanted:
        """Read it as the handler knows it."""
        return Wanted(self.customer_id, self.phone, self.workshop_id)
