"""What a cancellation or another time is bound to: who asks for it, and when."""

from __future__ import annotations

from datetime import datetime, timedelta

from services.booking.domain.booking import NO_SHOW, Booking, Party


class TooLate(Exception):
    """The customer can't any more; the workshop still could. `until` is when it was possible."""

    def __init__(self, until: datetime) -> None:
        self.until = until
        super().__init__("only the workshop can do this now")


class WorkshopOnly(Exception):
    """The workshop alone may say this."""


class NotYet(Exception):
    """Nobody can have failed to come before the drop-off."""


def check_notice(booking: Booking, by: Party, notice: timedelta | None, now: datetime) -> None:
    """See that a customer gives the notice that the workshop asks for, if any; raises TooLate."""
    if by is Party.WORKSHOP or notice is None:
        return
    until = booking.drop_off_at - notice
    if now > until:
        raise TooLate(until)


def check_reason(booking: Booking, by: Party, reason: str | None, now: datetime) -> None:
    """See that a no-show is the workshop's word, after drop-off; raises WorkshopOnly or NotYet."""
    if reason != NO_SHOW:
        return
    if by is not Party.WORKSHOP:
        raise WorkshopOnly
    if now < booking.drop_off_at:
        raise NotYet
