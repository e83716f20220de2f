"""A webhook endpoint: enabled until it is gone, has failed for too long, or its owner says so."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

PATIENCE = timedelta(days=5)
"""How long an endpoint may fail, without one success, before it is disabled."""

WARNED_AFTER = timedelta(days=1)
"""How long it may fail before its owner is told so; once, until it takes a delivery again."""

LULL = timedelta(hours=36)
"""After how long without a failure one begins to count anew: retries are over by then (31 h)."""

NOTED_EVERY = timedelta(hours=1)
"""How exactly the last failure is kept: an endpoint's row isn't written for each."""


class EndpointStatus(StrEnum):
    """Whether an endpoint is sent to."""

    ENABLED = "enabled"
    DISABLED = "disabled"


class EndpointAction(StrEnum):
    """What may happen to an endpoint."""

    DISABLE = "disable"
    ENABLE = "enable"


class DisabledReason(StrEnum):
    """Why an endpoint is no longer sent to."""

    GONE = "gone"
    FAILING = "failing"
    ASKED = "asked"


TRANSITIONS: dict[tuple[EndpointStatus, EndpointAction], tuple[EndpointStatus, str | None]] = {
    (EndpointStatus.ENABLED, EndpointAction.DISABLE): (
        EndpointStatus.DISABLED,
        "endpoint.disabled",
    ),
    (EndpointStatus.DISABLED, EndpointAction.ENABLE): (EndpointStatus.ENABLED, None),
}


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An endpoint's health; `sequence` counts the events published about it.

    `failing_since` and `failed_at` are the first and, to the hour, the last failure in a row.
    """

    id: str
    partner_id: str
    url: str
    status: EndpointStatus = EndpointStatus.ENABLED
    failing_since: datetime | None = None
    disabled_at: datetime | None = None
    disabled_reason: DisabledReason | None = None
    sequence: int = 0
    warned_at: datetime | None = None
    failed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class EndpointDisabled:
    """The endpoint is no longer sent to, and its queued deliveries are canceled."""

    endpoint: Endpoint


@dataclass(frozen=True, slots=True)
class EndpointFailing:
    """The endpoint has taken nothing for a day; it will be disabled if that goes on."""

    endpoint: Endpoint


Happening = EndpointDisabled | EndpointFailing


def disable(
    endpoint: Endpoint, reason: DisabledReason, now: datetime
) -> tuple[Endpoint, tuple[EndpointDisabled, ...]]:
    """Stop sending to an endpoint; nothing happens to one that is disabled already."""
    if (endpoint.status, EndpointAction.DISABLE) not in TRANSITIONS:
        return endpoint, ()
    status, _ = TRANSITIONS[endpoint.status, EndpointAction.DISABLE]
    disabled = replace(
        endpoint,
        status=status,
        disabled_at=now,
        disabled_reason=reason,
        sequence=endpoint.sequence + 1,
    )
    return disabled, (EndpointDisabled(disabled),)


def enable(endpoint: Endpoint) -> Endpoint:
    """Send again, with a clean record; nothing happens to one that is enabled already."""
    if (endpoint.status, EndpointAction.ENABLE) not in TRANSITIONS:
        return endpoint
    status, _ = TRANSITIONS[endpoint.status, EndpointAction.ENABLE]
    return replace(
        endpoint,
        status=status,
        failing_since=None,
        warned_at=None,
        failed_at=None,
        disabled_at=None,
        disabled_reason=None,
    )


def succeeded(endpoint: Endpoint) -> Endpoint:
    """Note that the endpoint took a delivery."""
    return replace(endpoint, failing_since=None, warned_at=None, failed_at=None)


def failed(
    endpoint: Endpoint, now: datetime, *, gone: bool, patience: timedelta = PATIENCE
) -> tuple[Endpoint, tuple[Happening, ...]]:
    """Note a failure: an endpoint that is gone, or failed for too long, is disabled.

    One that has failed for a day is told of, once. Where nothing was tried for longer than a
    delivery's retries take, this failure is the first: it was no outage of the whole time.
    """
    noted = endpoint.failed_at
    if noted is not None and now - noted > LULL:
        endpoint, noted = succeeded(endpoint), None
    since = endpoint.failing_since or now
    if noted is None or now - noted >= NOTED_EVERY:
        noted = now
    failing = replace(endpoint, failing_since=since, failed_at=noted)
    if gone:
        return disable(failing, DisabledReason.GONE, now)
    if now - since >= patience:
        return disable(failing, DisabledReason.FAILING, now)
    if now - since >= WARNED_AFTER and failing.warned_at is None:
        warned = replace(failing, warned_at=now, sequence=failing.sequence + 1)
        return warned, (EndpointFailing(warned),)
    return failing, ()
