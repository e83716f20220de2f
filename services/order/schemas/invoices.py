"""The HTTP face of invoices and credit notes."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field, field_validator

from services.order.domain.credit_note import CreditNote
from services.order.domain.invoice import Status
from services.order.handlers.invoice_paying import Attempt
from services.order.handlers.invoices import View
from services.order.handlers.paying import Means
from services.order.outgoing.invoices import note_snapshot, snapshot
from services.order.schemas.orders import CardInput, PaymentOut, Reason
from shared.contracts import CreditNoteV1, InvoiceV1
from shared.idempotency import Answer
from shared.inputs import Body, Line, MoneyInput
from shared.money import Money
from shared.problems import invalid


class PayInput(Body):
    """A card to charge; or, an operator's word, a bank transfer that came in (`reference`)."""

    payment: CardInput | None = None
    method: Annotated[Literal["bank-transfer"] | None, Field(examples=["bank-transfer"])] = None
    reference: Annotated[Line | None, Field(examples=["ANZ 2026-12-04 #118"])] = None

    def card(self) -> Means | None:
        """Read it as a card to charge; None for a transfer.

        Raises a Problem that names what is missing, or one thing too many.
        """
        if self.payment is None:
            return None
        for name in ("method", "reference"):
            if getattr(self, name) is not None:
                raise invalid(f"/{name}", "not-with-a-card", "The card pays it.")
        return self.payment.means("/payment/token")

    def transfer(self) -> str:
        """Read it as what the bank calls it; raises a Problem that names what is missing."""
        if self.method is None and self.reference is None:
            raise invalid("/payment", "missing", "Give the card that pays it.")
        if self.method is None:
            raise invalid("/method", "missing", "Say that it was a bank transfer.")
        if self.reference is None:
            raise invalid("/reference", "missing", "Say what the bank calls it.")
        return self.reference


class VoidInput(Body):
    """Why an unpaid invoice is taken back."""

    reason: Annotated[Reason, Field(examples=["Issued twice."])]


class CreditInput(Body):
    """How much to take back of one line, tax included; `position` counts lines from 1."""

    position: Annotated[int, Field(strict=True, ge=1, le=10_000, examples=[1])]
    amount: MoneyInput


class CreditNoteInput(Body):
    """What to take back, and why; all that is left, when no lines are named."""

    reason: Annotated[Reason, Field(examples=["The wash was left out."])]
    lines: Annotated[list[CreditInput] | None, Field(min_length=1, max_length=1000)] = None

    @field_validator("lines")
    @classmethod
    def _each_line_once(cls, lines: list[CreditInput] | None) -> list[CreditInput] | None:
        if lines and len({line.position for line in lines}) < len(lines):
            raise ValueError("a line is named twice")
        return lines

    def asked(self) -> dict[int, Money] | None:
        """Read it as amounts by position."""
        if self.lines is None:
            return None
        return {line.position: line.amount.money() for line in self.lines}


class InvoiceQuery(BaseModel):
    """Which invoices are asked for."""

    status: Status | None = None
    order_id: Annotated[str | None, Field(max_length=64)] = None
    deal_id: Annotated[str | None, Field(max_length=64)] = None
    number: Annotated[str | None, Field(max_length=64)] = None


class InvoiceOut(InvoiceV1):
    """An invoice with what was taken back of it and its own payments by card, oldest first."""

    credit_notes: tuple[CreditNoteV1, ...]
    payments: tuple[PaymentOut, ...]

    @classmethod
    def of(cls, view: View) -> InvoiceOut:
        """Show an invoice."""
        notes = tuple(note_snapshot(note, view.invoice.contact) for note in view.credit_notes)
        paid = tuple(map(PaymentOut.of, view.payments))
        return cls(**dict(snapshot(view.invoice)), credit_notes=notes, payments=paid)


class PaidOut(InvoiceOut):
    """An invoice, and the payment that was just made for it; none for a transfer."""

    payment: PaymentOut | None = None


def shown(view: View) -> Answer:
    """Answer with an invoice as it stands."""
    return Answer(200, InvoiceOut.of(view).model_dump_json().encode())


def attempted(attempt: Attempt) -> Answer:
    """Answer an attempt to pay: 202 while its outcome is still to come."""
    payment = PaymentOut.of(attempt.payment)
    body = PaidOut(**dict(InvoiceOut.of(attempt.view)), payment=payment).model_dump_json().encode()
    where = f"/v1/invoices/{attempt.view.invoice.id}"
    return Answer(202 if attempt.payment.is_open else 201, body, {"Location": where})


def noted(note: CreditNote) -> Answer:
    """Answer with a credit note that was just made."""
    body = note_snapshot(note, None).model_dump_json().encode()
    return Answer(201, body, {"Location": f"/v1/invoices/{note.invoice_id}"})
