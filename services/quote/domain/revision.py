"""The next version of a quote."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from services.quote.domain import line
from services.quote.domain.authorization import Authorization
from services.quote.domain.lifecycle import Action, QuoteEvent
from services.quote.domain.line import Item
from services.quote.domain.pricing import Offer, priced
from services.quote.domain.quote import Quote, Terms, act, settled
from services.quote.domain.rate_card import Rate
from services.quote.domain.request import Asked
from shared.money import Rounding

MAX_VERSIONS = 50


@dataclass(frozen=True, slots=True)
class Wanted:
    """A line of the next version: one that stands when its id is known, else a new one.

    It is priced by the offer that comes with it, or else by its rate of today.
    """

    item_id: str
    asked: Asked
    offer: Offer | None = None
    rate: Rate | None = None


class TooManyVersions(Exception):
    """The quote was revised too often."""

    def __init__(self) -> None:
        super().__init__(f"A quote has {MAX_VERSIONS} versions at the most.")


def revise(
    quote: Quote,
    wanted: Sequence[Wanted],
    terms: Terms,
    now: datetime,
    *,
    by_partner: bool,
    waiting: timedelta = timedelta(),
    reason: str | None = None,
) -> tuple[Quote, QuoteEvent]:
    """Make the next version out of these lines, in their order.

    Raises NotAllowed, TooManyVersions or MixedCurrencies.
    """
    changed, event = act(quote, Action.REVISE, reason=reason)
    if quote.version >= MAX_VERSIONS:
        raise TooManyVersions
    known = {item.id: item for item in quote.items}
    items = tuple(_line(known.get(each.item_id), each, quote.rounding) for each in wanted)
    request = replace(quote.request, items=[item.asked for item in items])
    changed = replace(changed, request=request, items=items, version=quote.version + 1)
    revised = settled(changed, now, terms, waiting)
    if by_partner and any(item.price and item.by_person for item in items):
        # What a workshop offered until then isn't the partner's to prolong.
        revised = replace(revised, expires_at=quote.expires_at)
    return revised, event


def _line(stands: Item | None, wanted: Wanted, rounding: Rounding) -> Item:
    """Make a line; only one that was authorised, and costs the same, isn't asked for again."""
    made = _priced(stands, wanted, rounding)
    if stands and stands.consent and stands.wanted and stands.price == made.price:
        return made.decided(stands.authorization, stands.consent)
    return made


def _priced(stands: Item | None, wanted: Wanted, rounding: Rounding) -> Item:
    if stands and stands.by_person and stands.price and not wanted.offer:
        if stands.asked.quantity == wanted.asked.quantity:
            kept = replace(stands, asked=wanted.asked)
            return replace(kept, authorization=Authorization.OPEN, consent=None)
        return Item(stands.id, wanted.asked, stands.description)
    made = line.by_card(wanted.item_id, wanted.asked, wanted.rate)
    return priced(made, wanted.offer, rounding) if wanted.offer else made
