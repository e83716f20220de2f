"""What the domain refuses of supplements and of lines, as the caller reads it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from services.order.domain import authorization, work
from services.order.domain.supplement import AlreadyDecided, Supplement
from shared.problems import Problem, not_found


@contextmanager
def told() -> Iterator[None]:
    """Turn what the domain refuses into problems."""
    try:
        yield
    except authorization.Unknown:
        raise not_found("supplement") from None
    except work.UnknownLine:
        raise not_found("item") from None
    except authorization.TooMany:
        detail = f"An order has {authorization.MOST_SUPPLEMENTS} supplements at the most."
        raise Problem(409, "too-many-supplements", detail) from None
    except authorization.NotUnderWay as refused:
        detail = f"The order is {refused.status}: nothing can be added to its work."
        at = {"order_status": refused.status}
        raise Problem(409, "order-not-under-way", detail, extra=at) from None
    except AlreadyDecided as refused:
        raise Problem(
            409, "already-decided", _sentence(refused), extra=_named(refused.supplement)
        ) from None
    except work.NotAuthorized as refused:
        detail = f"Nobody authorised {refused.line.description!r} ({refused.line.id})."
        line = {"item_id": refused.line.id} | _named(refused.supplement)
        raise Problem(409, "not-authorized", detail, extra=line) from None
    except work.NotInProgress as refused:
        detail = f"The order is {refused.status}; its lines are worked on while it is in progress."
        at = {"order_status": refused.status}
        raise Problem(409, "order-not-in-progress", detail, extra=at) from None
    except work.NotAllowed as refused:
        ways = {"item_id": refused.line.id, "allowed": refused.allowed}
        raise Problem(409, "transition-not-allowed", _sentence(refused), extra=ways) from None


def order_full() -> Problem:
    """Refuse a proposal for whose words the order has no room."""
    detail = "The order and what is proposed for it have too much text: say it in fewer words."
    return Problem(409, "order-full", detail)


def _named(supplement: Supplement) -> dict[str, str]:
    return {"supplement_id": supplement.id, "supplement_status": supplement.status}


def _sentence(refused: Exception) -> str:
    said = str(refused)
    return f"{said[0].upper()}{said[1:]}."
