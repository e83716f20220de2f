"""A rate card as it is published."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from services.quote.domain import rate_card
from services.quote.domain.card import CardEvent, RateCard
from services.quote.domain.rate_card import Rate
from services.quote.domain.tax import Tax
from services.quote.outgoing.values import amount, iso8601
from shared.contracts import RateCardV1
from shared.contracts.rates import CountryTax, RegionTax, UnitRate
from shared.events import Outgoing

PLATFORM = "platform"
"""Whose a general card is: no account's."""


def event(card: RateCard, what: CardEvent, taxes: Iterable[Tax], owner: str) -> Outgoing:
    """Say that a card holds now; `owner` is the account that runs its workshop."""
    return Outgoing(
        type=what,
        subject=card.id,
        partner_id=owner,
        sequence=card.sequence,
        data=snapshot(card, taxes),
    )


def snapshot(card: RateCard, taxes: Iterable[Tax]) -> RateCardV1:
    """Show the whole card, in the prices of one unit, with the taxes of all jurisdictions."""
    known = tuple(taxes)
    return RateCardV1(
        id=card.id,
        service=card.service,
        workshop_id=card.workshop_id,
        title=card.title,
        currency=card.rates[0].parts.currency,
        rounding=card.rounding,
        version=card.version,
        rates=tuple(_unit(rate) for rate in card.rates),
        taxes=tuple(CountryTax(**_tax(tax)) for tax in known if not tax.region),
        region_taxes=tuple(
            RegionTax(region=tax.region, **_tax(tax)) for tax in known if tax.region
        ),
        updated_at=card.recorded_at,
    )


def _unit(rate: Rate) -> UnitRate:
    return UnitRate(
        vehicle_class=rate.vehicle_class,
        workshop_id=rate.workshop_id,
        unit_price=None if rate.by_person else amount(rate_card.unit_price(rate)),
        tax_rate=rate.tax_rate,
        own_tax=rate.own_tax,
        duration=iso8601(rate_card.duration(rate, 1)),
        by_person=rate.by_person,
        valid_from=rate.valid_from,
        valid_until=rate.valid_until,
    )


def _tax(tax: Tax) -> dict[str, Any]:
    return {
        "country": tax.country,
        "name": tax.name,
        "tax_rate": tax.rate,
        "rounding": tax.rounding,
        "valid_from": tax.valid_from,
        "valid_until": tax.valid_until,
    }
