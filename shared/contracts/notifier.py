"""What the notifier publishes on `notifier.events`."""

from __future__ import annotations

from shared.contracts.common import Contract, Moment


class EndpointDisabledV1(Contract):
    """An endpoint that is no longer sent to, and why (`gone`, `failing`, `asked`)."""

    id: str
    partner_id: str
    url: str
    reason: str
    failing_since: Moment | None = None
    disabled_at: Moment


class EndpointFailingV1(Contract):
    """An endpoint that took nothing for a day; when that goes on for four more it is disabled."""

    id: str
    partner_id: str
    url: str
    failing_since: Moment
    warned_at: Moment


class RecipientUnsubscribedV1(Contract):
    """Somebody who wants no more reminders and review requests of an account's.

    `address_sha256` is the SHA-256 of the mail address in lower case (UTF-8), in hex: whoever has
    the address knows whom it is about, and nobody else.
    """

    id: str
    partner_id: str
    address_sha256: str
    unsubscribed_at: Moment


class DeliveryExhaustedV1(Contract):
    """A delivery whose last retry failed; it can still be sent again by hand."""

    id: str
    partner_id: str
    endpoint_id: str
    event_id: str
    event_type: str
    attempts: int
    last_status: int | None = None
    exhausted_at: Moment
