"""A deal's states: what gathers orders until one invoice is made of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from services.order.domain.terms import Contact


class Status(StrEnum):
    """Where a deal stands."""

    OPEN = "open"
    CLOSED = "closed"


class Action(StrEnum):
    """What can be done to a deal as a whole."""

    CLOSE = "close"


class Announcement(StrEnum):
    """What everyone is told of a deal."""

    CREATED = "deal.created"
    CLOSED = "deal.closed"


TRANSITIONS: dict[tuple[Status, Action], tuple[Status, Announcement]] = {
    (Status.OPEN, Action.CLOSE): (Status.CLOSED, Announcement.CLOSED),
}


@dataclass(frozen=True, slots=True)
class Deal:
    """A deal; `currency` (ISO 4217) is that of all that is rolled up into its invoice."""

    id: str
    partner_id: str
    reference: str
    currency: str
    status: Status
    created_at: datetime
    contact: Contact | None = None
    closed_at: datetime | None = None
    sequence: int = 0


@dataclass(frozen=True, slots=True)
class DealEvent:
    """A deal as it stands after a change that is announced."""

    announcement: Announcement
    deal: Deal


class DealClosed(Exception):
    """A closed deal takes nothing more."""

    def __init__(self, deal: Deal) -> None:
        self.deal = deal
        super().__init__(f"the deal {deal.id} is {deal.status}")


class OtherCurrency(ValueError):
    """One invoice has one currency."""


def opened(
    deal_id: str,
    partner_id: str,
    reference: str,
    currency: str,
    contact: Contact | None,
    now: datetime,
) -> tuple[Deal, DealEvent]:
    """Open a deal."""
    deal = Deal(deal_id, partner_id, reference, currency, Status.OPEN, now, contact, sequence=1)
    return deal, DealEvent(Announcement.CREATED, deal)


def close(deal: Deal, now: datetime) -> tuple[Deal, DealEvent]:
    """Close a deal; raises DealClosed when it was closed before."""
    way = TRANSITIONS.get((deal.status, Action.CLOSE))
    if way is None:
        raise DealClosed(deal)
    status, announcement = way
    closed = replace(deal, status=status, closed_at=now, sequence=deal.sequence + 1)
    return closed, DealEvent(announcement, closed)


def check_addition(deal: Deal, currency: str) -> None:
    """See whether something in this currency may be added; raises DealClosed or OtherCurrency."""
    if (deal.status, Action.CLOSE) not in TRANSITIONS:
        raise DealClosed(deal)
    if currency != deal.currency:
        raise OtherCurrency(f"the deal is in {deal.currency}, and this is in {currency}")
