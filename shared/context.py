"""What ties a request, its events and their effects together, carried along by the task."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_correlation: ContextVar[str | None] = ContextVar("correlation_id", default=None)
_causation: ContextVar[str | None] = ContextVar("causation_id", default=None)
_account: ContextVar[str | None] = ContextVar("account", default=None)


def correlation_id() -> str | None:
    """Return the id shared by everything that follows from one request."""
    return _correlation.get()


def causation_id() -> str | None:
    """Return the id of the event that is being handled, if one is."""
    return _causation.get()


def account() -> str | None:
    """Return on whose behalf something is done, if it is somebody's; nobody's is the platform's."""
    return _account.get()


def on_behalf_of(name: str) -> None:
    """Do what comes until the request's end on behalf of an account, or of a page's visitors.

    Of what is known to exist: names made up at will would have a turn each.
    """
    _account.set(name)


@contextmanager
def following(
    correlation: str, causation: str | None = None, *, account: str | None = None
) -> Iterator[None]:
    """Do what is inside as a consequence of a request or an event."""
    outer = _correlation.set(correlation), _causation.set(causation), _account.set(account)
    try:
        yield
    finally:
        _correlation.reset(outer[0])
        _causation.reset(outer[1])
        _account.reset(outer[2])
