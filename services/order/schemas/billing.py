"""The HTTP face of the issuer and of partners' billing details."""

from __future__ import annotations

from typing import Annotated
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, Field, StringConstraints
from pydantic_core import PydanticCustomError

from services.order.domain.issuer import Buyer, Issuer, Party
from shared.inputs import Body, CountryCode, Email, Line

Prefix = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9]{0,7}$")]


def _known(zone: str) -> str:
    if zone not in available_timezones():
        raise PydanticCustomError("unknown-time-zone", "Name an IANA time zone.")
    return zone


class PartyInput(Body):
    """A seller or a buyer, as an invoice names it; the country is ISO 3166-1 alpha-2."""

    name: Annotated[Line, Field(examples=["Dana's Cars Pty Ltd"])]
    street: Line | None = None
    city: Line | None = None
    postcode: Line | None = None
    country: CountryCode | None = None
    tax_id: Annotated[Line | None, Field(examples=["51824753556"])] = None
    registration_id: Line | None = None
    email: Email | None = None

    def party(self) -> Party:
        """Read it as the domain knows it."""
        return Party(**{name: getattr(self, name) for name in PartyInput.model_fields})


class IssuerInput(PartyInput):
    """The seller, and how its documents are numbered, dated and paid."""

    invoice_prefix: Prefix = "INV"
    credit_note_prefix: Prefix = "CN"
    due_days: Annotated[int, Field(strict=True, ge=0, le=365)] = 14
    time_zone: Annotated[str, Field(max_length=64), AfterValidator(_known)] = "UTC"
    bank_account: Line | None = None

    def issuer(self) -> Issuer:
        """Read it as the domain knows it."""
        return Issuer(
            party=self.party(),
            invoice_prefix=self.invoice_prefix,
            credit_note_prefix=self.credit_note_prefix,
            due_days=self.due_days,
            time_zone=self.time_zone,
            bank_account=self.bank_account,
        )


class PartyOut(BaseModel):
    """A seller or a buyer, as an invoice names it."""

    name: str
    street: str | None
    city: str | None
    postcode: str | None
    country: str | None
    tax_id: str | None
    registration_id: str | None
    email: str | None


class DetailsOut(PartyOut):
    """How invoices are made out to a partner; its numbers have the customer number in them."""

    customer_number: int | None

    @classmethod
    def of(cls, buyer: Buyer | None, partner_id: str) -> DetailsOut:
        """Show a partner's billing details; before there are any, its id stands for its name."""
        party = buyer.party if buyer else Party(partner_id)
        return cls(**party.as_dict(), customer_number=buyer and buyer.customer_number)


class IssuerOut(PartyOut):
    """The seller, and how its documents are numbered, dated and paid."""

    invoice_prefix: str
    credit_note_prefix: str
    due_days: int
    time_zone: str
    bank_account: str | None

    @classmethod
    def of(cls, issuer: Issuer) -> IssuerOut:
        """Show who issues invoices."""
        own = ("invoice_prefix", "credit_note_prefix", "due_days", "time_zone", "bank_account")
        return cls(**issuer.party.as_dict(), **{name: getattr(issuer, name) for name in own})
