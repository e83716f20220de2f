"""The HTTP face of deals."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints

from services.order.domain.deal import Deal, Status
from services.order.domain.order import Order
from services.order.domain.rollup import Billed, RollUp, standing
from services.order.domain.sale import Quote
from services.order.domain.terms import Contact
from services.order.handlers.closing import View
from services.order.handlers.deals import NewDeal
from services.order.outgoing.deals import rolled_up, snapshot
from services.order.outgoing.invoices import snapshot as invoice_snapshot
from shared.contracts import DealV1, InvoiceV1
from shared.idempotency import Answer
from shared.inputs import Body, Email, Line, MoneyOut, Phone

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


class ClosingInput(Body):
    """How to close a deal: orders whose work isn't done stand in the way unless included."""

    include_unfinished: Annotated[bool, Field(strict=True)] = False


class DealQuery(BaseModel):
    """Which deals are asked for."""

    status: Status | None = None
    reference: Annotated[str | None, Field(max_length=200)] = None


class OrderOnDeal(BaseModel):
    """An order on a deal; `billed` says where: on the deal, separately, or nowhere (any more)."""

    id: str
    status: str
    quote_id: str | None
    external_reference: str | None
    total: MoneyOut
    paid: bool
    billed: Billed


class QuoteOnDeal(BaseModel):
    """A quote on a deal; one that was paid separately isn't charged again."""

    id: str
    status: str
    total: MoneyOut | None
    order_id: str | None
    paid_separately: bool


class DealOut(DealV1):
    """A deal with all that stands on it, each oldest first."""

    orders: tuple[OrderOnDeal, ...]
    quotes: tuple[QuoteOnDeal, ...]
    pending_invoices: tuple[InvoiceV1, ...]
    separate_invoices: tuple[InvoiceV1, ...]
    invoice: InvoiceV1 | None
    subtotal: MoneyOut
    tax: MoneyOut

    @classmethod
    def of(cls, view: View) -> DealOut:
        """Show a deal with all that stands on it."""
        stands = view.rollup
        return cls(
            **dict(rolled_up(stands)),
            orders=tuple(_order(stands, each) for each in stands.orders),
            quotes=tuple(_quote(view, each) for each in stands.quotes),
            pending_invoices=tuple(map(invoice_snapshot, stands.pending)),
            separate_invoices=tuple(map(invoice_snapshot, stands.separate)),
            invoice=invoice_snapshot(stands.final) if stands.final else None,
            subtotal=MoneyOut.of(stands.subtotal),
            tax=MoneyOut.of(stands.tax),
        )


def _order(stands: RollUp, order: Order) -> OrderOnDeal:
    return OrderOnDeal(
        id=order.id,
        status=order.status,
        quote_id=order.quote_id,
        external_reference=order.external_reference,
        total=MoneyOut.of(order.terms.total),
        paid=order.paid,
        billed=stands.billed(order),
    )


def _quote(view: View, quote: Quote) -> QuoteOnDeal:
    order = view.rollup.order_of(quote)
    return QuoteOnDeal(
        id=quote.id,
        status=standing(quote, order, view.at),
        total=MoneyOut.of(quote.terms.total) if quote.terms else None,
        order_id=order.id if order else None,
        paid_separately=quote.id in view.rollup.paid_separately,
    )


def created(deal: Deal) -> Answer:
    """Answer with a deal that was just opened."""
    body = snapshot(deal).model_dump_json().encode()
    return Answer(201, body, {"Location": f"/v1/deals/{deal.id}"})


def shown(view: View) -> Answer:
    """Answer with a deal as it stands."""
    return Answer(200, DealOut.of(view).model_dump_json().encode())
