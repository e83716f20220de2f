"""What the booking service publishes of a sandbox's time, on `booking.events`."""

from __future__ import annotations

from shared.contracts.common import Contract, Duration, Moment


class ClockV1(Contract):
    """The clock as it stands after it was advanced, by the operator's account `partner_id`.

    `now` is the business moment of the advance, `ahead` how far that is ahead of the wall's clock
    (ISO 8601); whoever goes by business time adds it to their own clock.
    """

    partner_id: str
    now: Moment
    ahead: Duration
