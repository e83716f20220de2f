"""Rates for tests: a plain one, and any at all."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from services.quote.domain.card import RateCard
from services.quote.domain.rate_card import Rate
from services.quote.domain.tax import Tax
from services.quote.domain.vehicle import VehicleClass
from shared.ids import new_id
from shared.money import Money, Rounding

NOTHING = Money(0, "AUD")
PLAIN = Rate(
    service="paint",
    title="Paint, one panel",
    vehicle_class=VehicleClass.ANY,
    labour_hours=Decimal(1),
    hourly_rate=Money(14500, "AUD"),
    parts=NOTHING,
    fees=NOTHING,
    tax_rate=Decimal("0.1"),
    sublet=NOTHING,
    discount=NOTHING,
)


def rate(**changes: Any) -> Rate:
    """Make a rate of an hour's labour."""
    return replace(PLAIN, **changes)


def card_of(*rates: Rate) -> RateCard:
    """Put rates on a card, whose title and rounding are the first one's."""
    return RateCard(
        id=new_id("rtc"),
        service=rates[0].service,
        workshop_id=rates[0].workshop_id,
        title=rates[0].title,
        rounding=rates[0].rounding,
        rates=rates,
        version=1,
        sequence=1,
        recorded_at=datetime(2026, 12, 1, tzinfo=UTC),
    )


def taxes(jurisdiction: str = "CA-QC") -> st.SearchStrategy[list[Tax]]:
    """Draw the taxes that a jurisdiction has at one time."""
    each = st.builds(
        Tax,
        name=st.sampled_from(["GST", "PST", "QST", "Levy"]),
        rate=st.decimals(0, 1, places=5),
        rounding=st.sampled_from(Rounding),
        jurisdiction=st.just(jurisdiction),
    )
    return st.lists(each, max_size=3, unique_by=lambda tax: tax.name)


@st.composite
def rates(
    draw: st.DrawFn,
    rounding: Rounding | None = None,
    levied: st.SearchStrategy[list[Tax]] | None = None,
) -> Rate:
    """Draw a rate whose discount is no more than what it is taken from."""
    amounts = st.integers(0, 10_000_000).map(lambda amount: Money(amount, "AUD"))
    drawn = rate(
        labour_hours=draw(st.decimals(0, 100, places=2)),
        hourly_rate=draw(amounts),
        parts=draw(amounts),
        sublet=draw(amounts),
        fees=draw(amounts),
        tax_rate=draw(st.decimals(0, 1, places=5)),
        rounding=rounding or draw(st.sampled_from(Rounding)),
    )
    drawn = replace(drawn, levied=() if levied is None else tuple(draw(levied)))
    before = drawn.parts + drawn.sublet + drawn.fees
    return replace(drawn, discount=Money(draw(st.integers(0, before.amount)), "AUD"))
