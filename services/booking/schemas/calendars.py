"""Links to calendars."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from pydantic import BaseModel

from services.booking.domain.calendar import CalendarLink
from shared.ids import Id
from shared.inputs import Body


class CalendarInput(Body):
    """Whose calendar: a bay's, a technician's or a loan car's; without one, the workshop's."""

    resource_id: Id | None = None


class CalendarOut(BaseModel):
    """A link to subscribe to; who knows the `url` reads the calendar."""

    id: str
    workshop_id: str
    resource_id: str | None
    url: str
    created_at: datetime

    @classmethod
    def on(cls, origin: str) -> Callable[[CalendarLink], CalendarOut]:
        """Make what shows links that lead to an origin."""

        def of(link: CalendarLink) -> CalendarOut:
            return cls(
                id=link.id,
                workshop_id=link.workshop_id,
                resource_id=link.resource_id,
                url=f"{origin.rstrip('/')}/v1/calendars/{link.secret}.ics",
                created_at=link.created_at,
            )

        return of
