"""The HTTP face of invoices and credit notes."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field, field_validator

from services.order.domain.credit_note import CreditNote
from services.order.domain.invoice import Status
from services.order.handlers.invoices import View
from services.order.outgoing.invoices import note_snapshot, snapshot
from services.order.schemas.orders import Reason
from shared.contracts import CreditNoteV1, InvoiceV1
from shared.idempotency import Answer
from shared.inputs import Body, Line, MoneyInput
from shared.money import Money


class TransferInput(Body):
    """A bank transfer that came in, and what the bank calls it."""

    method: Literal["bank-transfer"]
    reference: Annotated[Line, Field(examples=["ANZ 2026-12-04 #118"])]


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
    """An invoice with what was taken back of it, oldest first."""

    credit_notes: tuple[CreditNoteV1, ...]

    @classmethod
    def of(cls, view: View) -> InvoiceOut:
        """Show an invoice."""
        notes = tuple(note_snapshot(note, view.invoice.contact) for note in view.credit_notes)
        return cls(**dict(snapshot(view.invoice)), credit_notes=notes)


def shown(view: View) -> Answer:
    """Answer with an invoice as it stands."""
    return Answer(200, InvoiceOut.of(view).model_dump_json().encode())


def noted(note: CreditNote) -> Answer:
    """Answer with a credit note that was just made."""
    body = note_snapshot(note, None).model_dump_json().encode()
    return Answer(201, body, {"Location": f"/v1/invoices/{note.invoice_id}"})
