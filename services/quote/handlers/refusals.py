"""What the domain refuses, as a caller reads it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from services.quote.domain.authorization import Decided
from services.quote.domain.lifecycle import Action, NotAllowed
from services.quote.domain.pricing import StillOpen
from services.quote.domain.quote import MixedCurrencies
from services.quote.domain.revision import TooManyVersions
from shared.problems import Problem, invalid

OURS = {Action.EXPIRE, Action.ORDER}
"""What no caller can ask for."""


@contextmanager
def told() -> Iterator[None]:
    """Turn what the domain refuses into a Problem."""
    try:
        yield
    except NotAllowed as refused:
        allowed = [action for action in refused.allowed if action not in OURS]
        raise Problem(
            409, "transition-not-allowed", str(refused), extra={"allowed": allowed}
        ) from refused
    except Decided as refused:
        raise Problem(
            409, "line-decided", str(refused), extra={"allowed": refused.allowed}
        ) from refused
    except TooManyVersions as refused:
        raise Problem(409, "too-many-versions", str(refused)) from refused
    except StillOpen as refused:
        message = f"These lines need a price, too: {refused}."
        raise invalid("/items", "price-missing", message) from refused
    except MixedCurrencies as refused:
        pointer = "/pre_authorized/currency" if refused.with_cap else "/items"
        raise invalid(pointer, "mixed-currencies", str(refused)) from refused
