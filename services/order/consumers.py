"""Others' events, and what each changes here."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import TypeAdapter

from services.order.domain.rate_card import Card, Rate, Tax
from services.order.domain.sale import Quote
from services.order.domain.schedule import parsed
from services.order.domain.terms import Contact, Line, TaxShare, Terms, Vehicle
from services.order.repository import billing, projections, rate_cards
from shared.contracts import PartnerV1, QuoteV1, RateCardV1, WorkshopV1
from shared.contracts.common import Amount
from shared.contracts.quote import QuoteItem
from shared.database import Transaction
from shared.events import Event
from shared.inbox import Effect
from shared.money import Money, Rounding

OF_WORKSHOP = {
    "id",
    "partner_id",
    "country",
    "region",
    "time_zone",
    "hours",
    "special_days",
    "closures",
}

_VEHICLE = TypeAdapter(Vehicle)
_CONTACT = TypeAdapter(Contact)
_TAX = TypeAdapter(Tax)


async def quote_told(work: Transaction, event: Event) -> None:
    """Keep the quote as it stands."""
    quote = _quote(QuoteV1.model_validate_json(event.data))
    await projections.keep_quote(work.connection, quote, sequence=event.sequence)


async def workshop_told(work: Transaction, event: Event) -> None:
    """Keep who runs the workshop, where it is, and when it is open."""
    told = WorkshopV1.model_validate_json(event.data)
    kept = told.model_dump(mode="json", include=OF_WORKSHOP)
    await projections.keep_workshop(work.connection, kept, sequence=event.sequence)


async def rate_card_told(work: Transaction, event: Event) -> None:
    """Keep what a service costs."""
    told = RateCardV1.model_validate_json(event.data)
    await rate_cards.keep(work.connection, _card(told), sequence=event.sequence)


async def partner_told(work: Transaction, event: Event) -> None:
    """Keep what the account is called: invoices are made out to it."""
    told = PartnerV1.model_validate_json(event.data)
    await billing.keep_account(
        work.connection, told.id, name=told.name, email=told.email, sequence=event.sequence
    )


EFFECTS: Mapping[str, Effect] = {
    "quote.created": quote_told,
    "quote.priced": quote_told,
    "quote.revised": quote_told,
    "quote.updated": quote_told,
    "quote.declined": quote_told,
    "quote.expired": quote_told,
    "quote.ordered": quote_told,
    "rate-card.updated": rate_card_told,
    "workshop.created": workshop_told,
    "workshop.updated": workshop_told,
    "partner.created": partner_told,
    "partner.updated": partner_told,
}
TOPICS = ("quote.events", "booking.events", "partner.events")


def _card(told: RateCardV1) -> Card:
    rates = (
        Rate(
            vehicle_class=rate.vehicle_class,
            unit_price=_money(rate.unit_price) if rate.unit_price and not rate.by_person else None,
            tax_rate=rate.tax_rate,
            duration=parsed(rate.duration),
            own_tax=rate.own_tax,
            valid_from=rate.valid_from,
            valid_until=rate.valid_until,
        )
        for rate in told.rates
    )
    return Card(
        id=told.id,
        service=told.service,
        title=told.title,
        rounding=Rounding(told.rounding),
        rates=tuple(rates),
        taxes=tuple(
            _TAX.validate_python(tax.model_dump()) for tax in (*told.taxes, *told.region_taxes)
        ),
        workshop_id=told.workshop_id,
    )


def _quote(told: QuoteV1) -> Quote:
    wanted = [item for item in told.items if item.authorization != "declined"]
    lines = tuple(line for item in wanted if (line := _line(item)))
    priced = told.status != "pending" and len(lines) == len(wanted)
    return Quote(
        id=told.id,
        partner_id=told.partner_id,
        version=told.version,
        declined=told.status == "declined" or not wanted,
        expires_at=told.expires_at,
        terms=_terms(told, lines) if priced else None,
        workshop_id=told.workshop_id,
        deal_id=told.deal_id,
        external_reference=told.external_reference,
        estimated_completion_at=told.estimated_completion_at,
    )


def _terms(told: QuoteV1, lines: tuple[Line, ...]) -> Terms:
    return Terms(
        type=told.type,
        currency=told.currency,
        vehicle=_VEHICLE.validate_python(told.vehicle.model_dump()),
        lines=lines,
        contact=_CONTACT.validate_python(told.contact.model_dump()) if told.contact else None,
        estimated_duration=told.estimated_duration,
        needed_by=told.needed_by,
        pre_authorized=_money(told.pre_authorized) if told.pre_authorized else None,
    )


def _line(item: QuoteItem) -> Line | None:
    if item.price is None or item.tax is None:
        return None
    return Line(
        id=item.id,
        service=item.service,
        description=item.description,
        quantity=item.quantity,
        notes=item.notes,
        price=_money(item.price),
        tax=_money(item.tax),
        labour=_money(item.labour) if item.labour else None,
        parts=_money(item.parts) if item.parts else None,
        fees=_money(item.fees) if item.fees else None,
        taxes=tuple(
            TaxShare(each.name, _money(each.amount), each.tax_rate, each.jurisdiction)
            for each in item.taxes
        ),
    )


def _money(amount: Amount) -> Money:
    return Money(amount.amount, amount.currency)
