"""Who issues invoices, under which numbers, and when they are due."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo


class Kind(StrEnum):
    """What is numbered, each in series of its own."""

    INVOICE = "invoice"
    CREDIT_NOTE = "credit-note"


@dataclass(frozen=True, slots=True)
class Party:
    """A seller or a buyer, as an invoice names it; the country is ISO 3166-1 alpha-2."""

    name: str
    street: str | None = None
    city: str | None = None
    postcode: str | None = None
    country: str | None = None
    tax_id: str | None = None
    registration_id: str | None = None
    email: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """Flatten it, to be kept with what was issued."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Issuer:
    """The seller, how its documents are numbered, and where to pay (an IBAN, or as one writes)."""

    party: Party
    invoice_prefix: str
    credit_note_prefix: str
    due_days: int
    time_zone: str
    bank_account: str | None = None

    def day(self, now: datetime) -> date:
        """Name the day it is where the issuer is: an invoice's date, and its number's year."""
        return now.astimezone(ZoneInfo(self.time_zone)).date()

    def due_on(self, now: datetime) -> date:
        """Name the last day to pay what is issued now."""
        return self.day(now) + timedelta(days=self.due_days)

    def as_seller(self) -> dict[str, Any]:
        """Flatten what an invoice keeps of its issuer."""
        own = {"bank_account": self.bank_account, "time_zone": self.time_zone}
        return self.party.as_dict() | own

    def series(self, kind: Kind, now: datetime) -> str:
        """Name the series that is numbered through: a kind of document, a year."""
        prefix = self.invoice_prefix if kind is Kind.INVOICE else self.credit_note_prefix
        return f"{prefix}-{self.day(now).year}"


@dataclass(frozen=True, slots=True)
class Buyer:
    """A partner as a customer: its own number, and how invoices are made out to it."""

    customer_number: int
    party: Party


def numbered(series: str, buyer: Buyer, place: int) -> str:
    """Write a number, such as `INV-2026-0007-00042`: without gaps for each customer and year."""
    return f"{series}-{buyer.customer_number:04d}-{place:05d}"
