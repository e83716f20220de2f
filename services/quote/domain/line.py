"""A line of a quote: what was asked for, and its price."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from services.quote.domain import basis, rate_card
from services.quote.domain.authorization import Authorization, Consent
from services.quote.domain.basis import Basis
from services.quote.domain.rate_card import Price, Rate
from services.quote.domain.request import Asked
from services.quote.domain.tax import Share


@dataclass(frozen=True, slots=True)
class Item:
    """A line of the quote; without a price until a person has priced it."""

    id: str
    asked: Asked
    description: str
    price: Price | None = None
    duration: timedelta = timedelta()
    by_person: bool = False
    authorization: Authorization = Authorization.OPEN
    consent: Consent | None = None
    basis: Basis | None = None

    @property
    def wanted(self) -> bool:
        """Tell whether it is to be done, and paid: all lines are that aren't declined."""
        return self.authorization is not Authorization.DECLINED

    @property
    def taxes(self) -> tuple[Share, ...]:
        """What each tax on it comes to: together its tax, to the cent."""
        if self.price is None:
            return ()
        if self.basis is None:
            return (Share(None, self.price.tax),)
        net = self.price.net
        return tuple(Share(tax, tax.on(net)) for tax in self.basis.taxes)

    def decided(self, authorization: Authorization, consent: Consent) -> Item:
        """Have somebody's word on it."""
        return replace(self, authorization=authorization, consent=consent)


def by_card(item_id: str, asked: Asked, rate: Rate | None) -> Item:
    """Price a line by its rate; without one, or with one that says so, leave it to a person."""
    if rate is None:
        named = asked.service.replace("-", " ").capitalize()
        return Item(item_id, asked, asked.fault.description if asked.fault else named)
    if rate.by_person:
        return Item(item_id, asked, rate.title)
    return Item(
        id=item_id,
        asked=asked,
        description=rate.title,
        price=rate_card.price(rate, asked.quantity),
        duration=rate_card.duration(rate, asked.quantity),
        basis=basis.of(rate),
    )
