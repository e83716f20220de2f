"""What services cost, as the quote service last told; and which rate is for a line."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from services.order.domain.tax_summary import UNNAMED
from services.order.domain.terms import Line, TaxShare
from shared.money import Money, Rounding, total

ANY = "any"


@dataclass(frozen=True, slots=True)
class Rate:
    """What one unit costs on a class of vehicle, and how long it takes; without price, a person's.

    `tax_rate` is a fraction. With `own_tax` it holds in every country.
    """

    vehicle_class: str
    unit_price: Money | None
    tax_rate: Decimal
    duration: timedelta
    own_tax: bool = False
    valid_from: datetime | None = None
    valid_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Tax:
    """A country's tax, or that of one of its regions, which goes before that of a rate."""

    country: str
    tax_rate: Decimal
    rounding: Rounding
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    region: str | None = None
    name: str = UNNAMED


@dataclass(frozen=True, slots=True)
class Card:
    """All rates of a service: the general ones, or a workshop's own."""

    id: str
    service: str
    title: str
    rounding: Rounding
    rates: tuple[Rate, ...]
    taxes: tuple[Tax, ...] = ()
    workshop_id: str | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """One thing that is asked for."""

    service: str
    quantity: int = 1
    notes: str | None = None


@dataclass(frozen=True, slots=True)
class Jurisdiction:
    """Where a workshop is: its country (ISO 3166-1) and region (ISO 3166-2)."""

    country: str | None = None
    region: str | None = None


NOWHERE = Jurisdiction()


@dataclass(frozen=True, slots=True)
class Place:
    """What a price depends on besides the service."""

    vehicle_class: str
    workshop_id: str | None
    taxed_in: Jurisdiction
    at: datetime


@dataclass(frozen=True, slots=True)
class Priced:
    """A line, and how long its work takes."""

    line: Line
    duration: timedelta


class UnknownService(LookupError):
    """No card has the service."""


class NeedsPerson(Exception):
    """No rate is in force that has a price for this vehicle: a person has to say it."""


def price(cards: Iterable[Card], asked: Asked, place: Place, line_id: str) -> Priced:
    """Price a line by the rate that is for it; raises UnknownService or NeedsPerson."""
    own = [card for card in cards if card.service == asked.service]
    if not own:
        raise UnknownService(asked.service)
    found = _chosen(own, place)
    if found is None or found[1].unit_price is None:
        raise NeedsPerson(asked.service)
    card, rate = found
    unit = found[1].unit_price
    net = Money(unit.amount * asked.quantity, unit.currency)
    taxes = tuple(_shares(net, card, rate, place))
    line = Line(
        id=line_id,
        service=asked.service,
        description=card.title,
        quantity=asked.quantity,
        notes=asked.notes,
        price=net,
        tax=total((share.amount for share in taxes), unit.currency),
        taxes=taxes,
    )
    return Priced(line, rate.duration * asked.quantity)


def _chosen(cards: list[Card], place: Place) -> tuple[Card, Rate] | None:
    """Choose the workshop's rate before the general one, then the vehicle's class before any."""
    fitting = [
        (card, rate)
        for card in cards
        if card.workshop_id in {None, place.workshop_id}
        for rate in card.rates
        if rate.vehicle_class in {ANY, place.vehicle_class} and _in_force(rate, place.at)
    ]
    fitting.sort(
        key=lambda each: (each[0].workshop_id is not None, each[1].vehicle_class != ANY),
        reverse=True,
    )
    return fitting[0] if fitting else None


def _shares(net: Money, card: Card, rate: Rate, place: Place) -> Iterable[TaxShare]:
    """Draw each tax from a line's price, by itself: the region's taxes before its country's."""
    there = [tax for tax in card.taxes if _in_force(tax, place.at) and not rate.own_tax]
    of_region = [tax for tax in there if tax.region and tax.region == place.taxed_in.region]
    of_country = [tax for tax in there if not tax.region and tax.country == place.taxed_in.country]
    for tax in of_region or of_country:
        jurisdiction = tax.region or tax.country
        amount = net.times(tax.tax_rate, tax.rounding)
        yield TaxShare(tax.name, amount, tax.tax_rate, jurisdiction)
    if not (of_region or of_country):
        amount = net.times(rate.tax_rate, card.rounding)
        yield TaxShare(UNNAMED, amount, rate.tax_rate)


def _in_force(period: Rate | Tax, at: datetime) -> bool:
    begun = period.valid_from is None or period.valid_from <= at
    return begun and (period.valid_until is None or at < period.valid_until)
