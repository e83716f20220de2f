"""The form of the third step: whose visit it is, while the time is held."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi.responses import Response

from services.booking.domain.hold import Hold, Status
from services.booking.handlers.booking_page import Wish
from services.booking.pages import countries, said
from services.booking.pages.rendering import page
from services.booking.routes.book.desk import Desk, Guest
from shared.ids import new_id


def details(
    desk: Desk,
    guest: Guest,
    token: str,
    hold: Hold,
    given: Mapping[str, str],
    errors: Mapping[str, str] | None = None,
) -> Response:
    """Show the form with what was typed, each error beside its field, and until when it is held."""
    now = desk.database.clock.now()
    wish = Wish.of(hold.job)
    query = [("service", each) for each in wish.service_ids]
    query += [("other", wish.other)] if wish.other else []
    country = guest.workshop.profile.country
    return page(
        "details",
        guest.carried,
        guest.workshop,
        here=("details", [("hold", token)]),
        status=422 if errors else 200,
        job=hold.job,
        hold=hold,
        over=hold.standing(now) is not Status.HELD,
        left=max(1, round((hold.expires_at - now).total_seconds() / 60)),
        given={"country": country} | dict(given),
        errors={name: said.of_field(code) for name, code in (errors or {}).items()},
        countries=countries.named(guest.carried.language),
        back=guest.carried.url("times", [*query, ("hold", token)]),
        send_to=guest.carried.url("details", [("hold", token)]),
        attempt=new_id("att"),
    )
