"""Customers, and what they want."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from pydantic import BaseModel

from services.booking.domain.customer import Known
from services.booking.schemas.values import NotNull, TimeZone
from shared.inputs import Body


class CustomerWishes(Body):
    """What shall be different; what is left out stays."""

    accepts_reminders: Annotated[bool | None, NotNull] = None
    time_zone: TimeZone | None = None

    def applied_to(self, known: Known) -> Known:
        """Change what a customer wants."""
        return replace(known, **{name: getattr(self, name) for name in self.model_fields_set})


class CustomerOut(BaseModel):
    """A contact of a partner's, as it was named last."""

    id: str
    partner_id: str
    name: str
    email: str | None
    phone: str | None
    time_zone: str | None
    accepts_reminders: bool

    @classmethod
    def of(cls, known: Known) -> CustomerOut:
        """Show a customer."""
        return cls(
            id=known.id,
            partner_id=known.partner_id,
            name=known.customer.name,
            email=known.customer.email,
            phone=known.customer.phone,
            time_zone=known.time_zone,
            accepts_reminders=known.accepts_reminders,
        )
