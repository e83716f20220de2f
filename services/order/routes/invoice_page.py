"""The page on which an invoice is paid; its address has the invoice's own key."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path
from fastapi.responses import Response

from services.order.domain.standing import Stage
from services.order.handlers import invoice_page
from services.order.handlers.invoice_page import Bill
from services.order.handlers.settling import Till
from services.order.routes.paying_page import Attempt, Card, PayingPage
from shared.browsers import answer_head
from shared.origin import own_form

InvoiceId = Annotated[str, Path(max_length=64)]
Key = Annotated[str, Path(max_length=64)]

TITLES = {
    Stage.PAYABLE: "Your invoice",
    Stage.CONFIRMING: "Confirm your payment",
    Stage.SETTLING: "Payment under way",
    Stage.PAID: "Invoice paid",
    Stage.CANCELED: "Invoice taken back",
}


def build(till: Till) -> APIRouter:
    """Make the page's routes."""
    router = APIRouter(prefix="/checkout/invoices", include_in_schema=False)

    def page_of(found: Bill, key: str) -> PayingPage:
        address = f"/checkout/invoices/{found.invoice.id}/{key}"
        return PayingPage(till, "invoice.html", TITLES, address, found)

    @router.get("/{invoice_id}/{key}")
    async def show(
        invoice_id: InvoiceId,
        key: Key,
        held: bool = False,  # noqa: FBT001 - by name
    ) -> Response:
        return page_of(await invoice_page.show(till, invoice_id, key, held=held), key).shown()

    @router.post("/{invoice_id}/{key}", dependencies=[Depends(own_form)])
    async def pay(invoice_id: InvoiceId, key: Key, card: Card, attempt: Attempt) -> Response:
        found = await invoice_page.show(till, invoice_id, key)
        paying = invoice_page.pay(till, found.invoice, card, attempt)
        return await page_of(found, key).paid(paying)

    answer_head(router)
    return router
