"""What the rules refuse, as the caller will read it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from services.booking.domain.aftercare import AlreadyRebooked
from services.booking.domain.booking import NotAllowed
from services.booking.domain.cancellation import NotYet, TooLate, WorkshopOnly
from services.booking.domain.details import Unreachable
from services.booking.domain.hold import MAX_AT_ONE_WORKSHOP, NotHeld, Status, TooManyHolds
from services.booking.domain.need import TooLong
from services.booking.domain.obstacle import TAKEN_BY_OTHERS, Cause, Obstacle, Refused
from services.booking.domain.quote import OtherWorkshop, QuoteBooked, QuoteClosed, UnknownQuote
from services.booking.domain.request import InThePast, NotInCatalog, TooFarAhead
from services.booking.domain.workshop import MAX_AHEAD
from services.booking.repository.bookings import BayTaken
from shared.problems import FieldError, Problem, invalid

WORKSHOP_CLOSED = "workshop-closed"
SLOT_TAKEN = "slot-taken"


@contextmanager
def refusing(*, time: str = "/drop_off_at") -> Iterator[None]:
    """Raise Problems for what the rules raise; `time` points at what made the time impossible."""
    try:
        yield
    except Refused as refused:
        raise _refused(time, refused.obstacles) from None
    except BayTaken:
        raise _refused(time, [Obstacle(Cause.NO_BAY)]) from None
    except TooLate as late:
        until = late.until.isoformat().replace("+00:00", "Z")
        message = f"This was possible until {until}; the workshop still can."
        raise Problem(409, "too-late", message, extra={"until": until}) from None
    except WorkshopOnly:
        raise workshop_only() from None
    except NotYet:
        message = "Nobody can have failed to come before the drop-off."
        errors = [FieldError("/reason", "not-yet", message)]
        raise Problem(409, "not-yet", message, errors) from None
    except AlreadyRebooked as twice:
        of_it = {"booking_id": twice.booking_id}
        raise Problem(409, "already-rebooked", f"{twice}.", extra=of_it) from None
    except UnknownQuote:
        raise invalid("/quote_id", "unknown-quote", "There is no such quote.") from None
    except OtherWorkshop:
        message = "The quote was asked of another workshop."
        raise invalid("/quote_id", "other-workshop", message) from None
    except QuoteClosed as closed:
        message = f"The quote is {closed.status}."
        errors = [FieldError("/quote_id", f"quote-{closed.status}", message)]
        raise Problem(409, f"quote-{closed.status}", message, errors) from None
    except QuoteBooked as twice:
        message = "The quote's work is booked already."
        of_it = {"booking_id": twice.booking_id}
        raise Problem(409, "quote-booked", message, extra=of_it) from None
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


def _refused(pointer: str, obstacles: Sequence[Obstacle]) -> Problem:
    """Name all that stands in the way; the first says what kind of problem it is."""
    errors = [FieldError(pointer, each.cause, str(each)) for each in obstacles]
    first = obstacles[0].cause
    if first is Cause.TOO_FAR_AHEAD:
        return Problem(422, "invalid-request", "A field is not acceptable.", errors)
    code: str = WORKSHOP_CLOSED if first is Cause.CLOSED else first
    if first in TAKEN_BY_OTHERS:
        code = SLOT_TAKEN
    detail = f"{' '.join(map(str, obstacles))} GET …/availabilities shows what is free."
    return Problem(409, code, detail, errors)
