"""A quote: prices that hold until it expires, and what may become of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property

from services.quote.domain import lifecycle, line
from services.quote.domain.authorization import Authorization, Consent, How
from services.quote.domain.estimate import WORKING_DAY, completion
from services.quote.domain.lifecycle import Action, QuoteEvent, Status
from services.quote.domain.line import Item
from services.quote.domain.rate_card import Price, Rate
from services.quote.domain.request import Request
from services.quote.domain.tax import Share, summed
from shared.money import Money, Rounding, total


class MixedCurrencies(Exception):
    """The prices don't add up; `with_cap`: by the currency of what is authorised beforehand."""

    def __init__(self, currencies: set[str], *, with_cap: bool) -> None:
        super().__init__(f"All prices of a quote have one currency: not {', '.join(currencies)}.")
        self.with_cap = with_cap


@dataclass(frozen=True, slots=True)
class Terms:
    """What the house promises: how long a quote holds, how it rounds, where it is paid."""

    valid_for: timedelta
    public_url: str
    rounding: Rounding = Rounding.HALF_UP
    currency: str = "AUD"
    """That of a quote of which nothing is priced yet."""
    working_day: timedelta = WORKING_DAY
    """How much work a workshop gets done a day."""


@dataclass(frozen=True)  # no slots: its sums are kept
class Quote:
    """A quote as it stands; `sequence` counts its events."""

    id: str
    partner_id: str
    status: Status
    request: Request
    items: tuple[Item, ...]
    currency: str
    rounding: Rounding
    checkout_url: str
    created_at: datetime
    expires_at: datetime
    version: int = 1
    sequence: int = 1
    estimated_completion_at: datetime | None = None
    workshop_account: str | None = None
    """Whoever priced it, where no workshop was named."""
    order_id: str | None = None
    ordered_version: int | None = None
    """Usually the last one; a payment that began before a revision is honoured, too."""
    reason: str | None = None
    booking_id: str | None = None
    """The visit at which its work is to be done, if it is booked."""

    @cached_property
    def prices(self) -> tuple[Price, ...] | None:
        """The prices of the lines that are wanted; none at all while one of them has none."""
        wanted = [item for item in self.items if item.wanted]
        found = tuple(item.price for item in wanted if item.price)
        return found if len(found) == len(wanted) else None

    @cached_property
    def subtotal(self) -> Money | None:
        """The lines before tax."""
        return self._sum(lambda price: price.net)

    @cached_property
    def tax(self) -> Money | None:
        """The lines' tax."""
        return self._sum(lambda price: price.tax)

    @cached_property
    def taxes(self) -> tuple[Share, ...]:
        """What each tax comes to over the lines that are wanted: together their tax."""
        if self.prices is None:
            return ()
        return summed(
            (each for item in self.items if item.wanted for each in item.taxes), self.currency
        )

    @cached_property
    def total(self) -> Money | None:
        """What is to be paid: the sum of the lines that are wanted, tax included."""
        return self._sum(lambda price: price.total)

    @cached_property
    def authorized_total(self) -> Money:
        """What somebody agreed to so far, tax included."""
        agreed = (item for item in self.items if item.authorization is Authorization.AUTHORIZED)
        return total((item.price.total for item in agreed if item.price), self.currency)

    @cached_property
    def duration(self) -> timedelta | None:
        """How long the work takes, once somebody can tell."""
        if self.prices is None:
            return None
        return sum((item.duration for item in self.items if item.wanted), timedelta())

    def _sum(self, part: Callable[[Price], Money]) -> Money | None:
        prices = self.prices
        return None if prices is None else total(map(part, prices), self.currency)


def create(
    quote_id: str,
    item_ids: Sequence[str],
    partner_id: str,
    request: Request,
    rates: Sequence[Rate | None],
    terms: Terms,
    now: datetime,
    waiting: timedelta = timedelta(),
) -> tuple[Quote, QuoteEvent]:
    """Price a request by the rates of its items, in their order; one without is left to a person.

    Raises MixedCurrencies.
    """
    items = tuple(
        line.by_card(item_id, asked, rate)
        for item_id, asked, rate in zip(item_ids, request.items, rates, strict=True)
    )
    fallback = request.pre_authorized.currency if request.pre_authorized else terms.currency
    quote = Quote(
        id=quote_id,
        partner_id=partner_id,
        status=Status.PENDING,
        request=request,
        items=items,
        currency=fallback,
        rounding=terms.rounding,
        checkout_url=f"{terms.public_url}/checkout/{quote_id}",
        created_at=now,
        expires_at=now + terms.valid_for,
    )
    return settled(quote, now, terms, waiting), QuoteEvent.CREATED


def settled(quote: Quote, now: datetime, terms: Terms, waiting: timedelta) -> Quote:
    """Draw from its lines where a quote stands, in what currency, and when its work is done.

    `waiting` is the workshop's other work. What the quote offers holds from now on, and is
    authorised when it is within the sum that was agreed on before. Raises MixedCurrencies.
    """
    currencies = {item.price.net.currency for item in quote.items if item.price}
    cap = quote.request.pre_authorized
    if len(currencies) > 1:
        raise MixedCurrencies(currencies, with_cap=False)
    if cap and currencies and cap.currency not in currencies:
        raise MixedCurrencies(currencies | {cap.currency}, with_cap=True)
    work = quote.duration
    quote = replace(
        quote,
        status=Status.PENDING if work is None else Status.AWAITING_PAYMENT,
        currency=next(iter(currencies), quote.currency),
        expires_at=now + terms.valid_for,
        estimated_completion_at=None
        if work is None
        else completion(now, work, waiting, terms.working_day),
    )
    amount = quote.total
    if cap and amount and amount.amount <= cap.amount:
        return agreed(quote, Consent(How.PRE_AUTHORIZED, now))
    return quote


def agreed(quote: Quote, consent: Consent) -> Quote:
    """Authorise every line that is open and has a price."""
    items = tuple(
        item.decided(Authorization.AUTHORIZED, consent)
        if item.price and item.authorization is Authorization.OPEN
        else item
        for item in quote.items
    )
    return replace(quote, items=items)


def act(
    quote: Quote,
    action: Action,
    *,
    reason: str | None = None,
    order_id: str | None = None,
    ordered_version: int | None = None,
) -> tuple[Quote, QuoteEvent]:
    """Take an action; raises NotAllowed when the table doesn't have it.

    What changes the lines, too, has `settled` draw from them where the quote stands.
    """
    status, event = lifecycle.step(quote.status, action)
    changed = replace(
        quote,
        status=status or quote.status,
        sequence=quote.sequence + 1,
        reason=reason,
        order_id=order_id or quote.order_id,
        ordered_version=ordered_version or quote.ordered_version,
    )
    return changed, event


def book(quote: Quote, booking_id: str) -> tuple[Quote, QuoteEvent] | None:
    """Note the visit that was booked for its work; None for what is known, or made before that."""
    if quote.booking_id is not None and booking_id <= quote.booking_id:
        return None
    return _booked_as(quote, booking_id)


def unbook(quote: Quote, booking_id: str) -> tuple[Quote, QuoteEvent] | None:
    """Note that a visit was cancelled; None for another than the one that is known."""
    return _booked_as(quote, None) if quote.booking_id == booking_id else None


def _booked_as(quote: Quote, booking_id: str | None) -> tuple[Quote, QuoteEvent]:
    noted = replace(quote, booking_id=booking_id, sequence=quote.sequence + 1)
    return noted, QuoteEvent.UPDATED
