"""What stands on a quote's paper, in words, whatever it is printed by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from services.quote.documents.formats import hours, moment, money, vehicle
from services.quote.outgoing.values import percent
from shared.contracts import QuoteV1
from shared.contracts.common import Contact, TaxShare
from shared.contracts.quote import AuthorizedBy, QuoteItem

STANDINGS = {
    "pending": "Waits for a price",
    "awaiting-payment": "Open",
    "ordered": "Ordered",
    "declined": "Declined",
    "expired": "Expired",
}
_WORDS = {"authorized": "Authorised", "declined": "Declined"}
_HOW = {
    "api": "online",
    "phone": "by phone",
    "email": "by email",
    "in-person": "in person",
    "pre-authorized": "within the sum agreed on before",
    "payment": "by payment",
}
TO_BE_PRICED = "to be priced"
NOTHING = "\N{EN DASH}"


@dataclass(frozen=True, slots=True)
class Row:
    """A line of work; `how` explains its price, step by step."""

    description: str
    quantity: str
    price: str
    tax: str
    total: str
    how: list[str]
    remarks: list[str]
    declined: bool


@dataclass(frozen=True, slots=True)
class Paper:
    """A quote in words; pairs are a name and a value."""

    title: str
    standing: str
    date: datetime
    facts: list[tuple[str, str]]
    vehicle: list[str]
    contact: list[str]
    rows: list[Row]
    sums: list[tuple[str, str]]
    due: tuple[str, str]
    notes: list[str]
    link: str | None


def of(quote: QuoteV1) -> Paper:
    """Put a quote into words."""
    return Paper(
        title=f"Quote {quote.id}",
        standing=STANDINGS[quote.status],
        date=quote.created_at,
        facts=_facts(quote),
        vehicle=vehicle(quote.vehicle),
        contact=_contact(quote.contact),
        rows=[_row(item) for item in quote.items],
        sums=_sums(quote),
        due=("Total, tax included", money(quote.total) if quote.total else TO_BE_PRICED),
        notes=_notes(quote),
        link=quote.checkout_url if quote.status == "awaiting-payment" else None,
    )


def _facts(quote: QuoteV1) -> list[tuple[str, str]]:
    named = [
        ("Asked for", moment(quote.created_at)),
        ("Version", str(quote.version)),
        ("Valid until", moment(quote.expires_at)),
        ("Your reference", quote.external_reference),
        ("Work", quote.estimated_duration and hours(quote.estimated_duration)),
        ("Done by", quote.estimated_completion_at and moment(quote.estimated_completion_at)),
        ("Needed by", quote.needed_by and moment(quote.needed_by)),
    ]
    return [(name, value) for name, value in named if value]


def _contact(contact: Contact | None) -> list[str]:
    lines = (contact.name, contact.email, contact.phone) if contact else ()
    return [line for line in lines if line]


def _row(item: QuoteItem) -> Row:
    declined = item.authorization == "declined"
    remarks = [item.notes] if item.notes else []
    if item.authorized_by:
        remarks.append(_word(item.authorization, item.authorized_by))
    return Row(
        description=item.description,
        quantity=str(item.quantity),
        price=money(item.price) if item.price else TO_BE_PRICED,
        tax=money(item.tax) if item.tax else NOTHING,
        total=money(item.total) if item.total else NOTHING,
        how=[step.text for step in item.how or ()],
        remarks=remarks,
        declined=declined,
    )


def _word(authorization: str, by: AuthorizedBy) -> str:
    who = f" by {by.name}," if by.name else ""
    return f"{_WORDS[authorization]}{who} {_HOW.get(by.how, by.how)}, {moment(by.at)}"


def _sums(quote: QuoteV1) -> list[tuple[str, str]]:
    if quote.subtotal is None or quote.tax is None:
        return []
    # A version that was kept before taxes had names has their sum alone.
    taxes = [(_named(tax), money(tax.amount)) for tax in quote.taxes]
    return [
        ("Before tax", money(quote.subtotal)),
        *(taxes or [("Tax", money(quote.tax))]),
    ]


def _named(tax: TaxShare) -> str:
    return tax.name if tax.tax_rate is None else f"{tax.name} {percent(tax.tax_rate)}"


def _notes(quote: QuoteV1) -> list[str]:
    notes = []
    if quote.status == "pending":
        notes.append("A person still has to price some of the work; the total follows then.")
    if quote.authorized_total and quote.authorized_total.amount:
        notes.append(f"Authorised so far: {money(quote.authorized_total)}.")
    if any(item.authorization == "declined" for item in quote.items):
        notes.append("Work that was declined is not in the total, and will not be done.")
    if quote.reason:
        notes.append(f"Remark: {quote.reason}")
    return notes
