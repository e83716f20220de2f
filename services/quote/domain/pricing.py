"""A person's prices for the lines that no rate card could price."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from services.quote.domain import basis, rate_card
from services.quote.domain.lifecycle import Action, QuoteEvent
from services.quote.domain.line import Item
from services.quote.domain.quote import Quote, Terms, act, settled
from services.quote.domain.rate_card import Rate
from services.quote.domain.tax import Tax
from shared.money import Rounding


@dataclass(frozen=True, slots=True)
class Offer:
    """What a person offers for a line: a rate of its own, for one unit, and the time it takes."""

    rate: Rate
    description: str | None = None
    duration: timedelta | None = None
    """For the whole line; that of the labour hours when nothing else is said."""

    def taxed(self, levied: tuple[Tax, ...]) -> Offer:
        """Add what is levied where the work is done; raises Untaxed if nothing tells a tax."""
        if not (self.rate.own_tax or levied):
            raise Untaxed
        return replace(self, rate=replace(self.rate, levied=levied))


class Untaxed(Exception):
    """The offer has no tax of its own, and none is levied where the work is done."""


class StillOpen(Exception):
    """Lines without an offer, by their ids."""

    def __init__(self, item_ids: list[str]) -> None:
        super().__init__(", ".join(item_ids))
        self.item_ids = item_ids


def priced(item: Item, offer: Offer, rounding: Rounding) -> Item:
    """Price a line by an offer."""
    rate, quantity = replace(offer.rate, rounding=rounding), item.asked.quantity
    return replace(
        item,
        description=offer.description or item.description,
        price=rate_card.price(rate, quantity),
        duration=offer.duration or rate_card.duration(rate, quantity),
        by_person=True,
        basis=basis.of(rate),
    )


def price(
    quote: Quote,
    offers: Mapping[str, Offer],
    account: str,
    terms: Terms,
    now: datetime,
    waiting: timedelta = timedelta(),
) -> tuple[Quote, QuoteEvent]:
    """Price all open lines by their ids; `account` is whoever does, where no workshop was named.

    Raises NotAllowed, StillOpen or MixedCurrencies.
    """
    changed, event = act(quote, Action.PRICE)
    if missing := [item.id for item in quote.items if not item.price and item.id not in offers]:
        raise StillOpen(missing)
    items = tuple(
        priced(item, offers[item.id], quote.rounding) if item.id in offers else item
        for item in quote.items
    )
    at_workshop = quote.workshop_account or (None if quote.request.workshop_id else account)
    changed = replace(changed, items=items, workshop_account=at_workshop)
    return settled(changed, now, terms, waiting), event
