"""The HTTP face of deals."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints

from services.order.domain.deal import Deal, Status
from services.order.domain.terms import Contact
from services.order.handlers.deals import NewDeal
from services.order.outgoing.deals import snapshot
from shared.contracts import DealV1
from shared.idempotency import Answer
from shared.inputs import Body, Email, Line, Phone

Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]


class ContactInput(Body):
    """Whom to tell of the deal and its invoice; the phone in E.164."""

    name: Line | None = None
    email: Email | None = None
    phone: Phone | None = None


class DealInput(Body):
    """A deal to open; `currency` (ISO 4217) is that of all that goes on its invoice."""

    reference: Annotated[Line, Field(examples=["DEAL-77"])]
    currency: Annotated[Currency | None, Field(examples=["AUD"])] = None
    contact: ContactInput | None = None

    def asked(self, usual_currency: str) -> NewDeal:
        """Read it as what is asked for."""
        contact = Contact(**self.contact.model_dump()) if self.contact else None
        return NewDeal(self.reference, self.currency or usual_currency, contact)


class DealQuery(BaseModel):
    """Which deals are asked for."""

    status: Status | None = None
    reference: Annotated[str | None, Field(max_length=200)] = None


def shown(deal: Deal) -> DealV1:
    """Show a deal in a list."""
    return snapshot(deal)


def created(deal: Deal) -> Answer:
    """Answer with a deal that was just opened."""
    body = snapshot(deal).model_dump_json().encode()
    return Answer(201, body, {"Location": f"/v1/deals/{deal.id}"})
