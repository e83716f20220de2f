"""What the rules refuse, as the caller will read it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from services.booking.domain.booking import NotAllowed
from services.booking.domain.cancellation import NotYet, TooLate, WorkshopOnly
from services.booking.domain.details import Unreachable
from services.booking.domain.hold import MAX_AT_ONE_WORKSHOP, NotHeld, Status, TooManyHolds
from services.booking.domain.request import InThePast, NotInCatalog, TooFarAhead, TooLong
from services.booking.domain.schedule import Closed, OutsideHours
from services.booking.domain.workshop import MAX_AHEAD
from services.booking.repository.bookings import BayTaken
from shared.problems import FieldError, Problem, invalid


class NoBay(Exception):
    """No bay is free for the whole time."""


@contextmanager
def refusing(*, time: str = "/drop_off_at") -> Iterator[None]:
    """Raise Problems for what the rules raise; `time` points at what made the time impossible."""
    try:
        yield
    except Closed:
        raise _conflict(time, "workshop-closed", "The workshop is closed that day.") from None
    except OutsideHours:
        message = "The work doesn't fit the workshop's hours; GET …/availabilities shows what does."
        raise _conflict(time, "outside-hours", message) from None
    except (NoBay, BayTaken):
        raise _conflict(time, "slot-taken", "No bay is free for the whole time.") from None
    except TooLate as late:
        message = f"This was possible until {late.until.isoformat()}; the workshop still can."
        until = late.until.isoformat().replace("+00:00", "Z")
        raise Problem(409, "too-late", message, extra={"until": until}) from None
    except WorkshopOnly:
        raise workshop_only() from None
    except NotYet:
        message = "Nobody can have failed to come before the drop-off."
        raise _conflict("/reason", "not-yet", message) from None
    except NotHeld as over:
        raise _not_held(over) from None
    except TooManyHolds:
        detail = f"A partner has {MAX_AT_ONE_WORKSHOP} holds at a workshop at the most."
        raise Problem(409, "too-many-holds", detail) from None
    except InThePast:
        raise invalid(time, "in-the-past", "The time has been.") from None
    except TooFarAhead:
        message = f"Book {MAX_AHEAD.days} days ahead at the most."
        raise invalid(time, "too-far-ahead", message) from None
    except TooLong as wrong:
        raise invalid("/services", "too-long", str(wrong)) from None
    except Unreachable as wrong:
        raise invalid("/customer", "unreachable", str(wrong)) from None
    except NotInCatalog as wrong:
        errors = [
            FieldError(f"/services/{place}/catalog_id", "unknown-service", str(wrong))
            for place in wrong.places
        ]
        raise Problem(422, "invalid-request", "There are unknown services.", errors) from None
    except NotAllowed as refused:
        extra = {"allowed": list(refused.allowed)}
        raise Problem(409, "transition-not-allowed", f"{refused}.", extra=extra) from None


def workshop_only() -> Problem:
    """Refuse a partner what is the workshop's to do."""
    detail = "Only the booking's workshop can do this; a partner can cancel."
    return Problem(403, "workshop-only", detail)


def _not_held(over: NotHeld) -> Problem:
    code = f"hold-{over.status}"
    message = {
        Status.EXPIRED: "The hold has expired; its slot is anybody's again.",
        Status.RELEASED: "The hold was given back.",
    }.get(over.status, "A booking came of this hold.")
    confirmed = over.status is Status.CONFIRMED
    extra = {"booking_id": over.hold.booking_id} if confirmed else {}
    return Problem(409, code, message, [FieldError("/hold_id", code, message)], extra)


def _conflict(pointer: str, code: str, message: str) -> Problem:
    return Problem(409, code, message, [FieldError(pointer, code, message)])
