"""The page on which an invoice is paid; its address has the invoice's own key."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Path
from fastapi.responses import Response

from services.order.domain.standing import Stage
from services.order.handlers import invoice_page
from services.order.handlers.invoice_page import Bill
from services.order.handlers.settling import Till
from services.order.pages.reader import Reader, Reading
from services.order.routes.paying_page import Attempt, Card, PayingPage
from shared.browsers import answer_head
from shared.languages import N_
from shared.origin import own_form

InvoiceId = Annotated[str, Path(max_length=64)]
Key = Annotated[str, Path(max_length=64)]

TITLES = {
    Stage.PAYABLE: N_("Your invoice"),
    Stage.CONFIRMING: N_("Confirm your payment"),
    Stage.SETTLING: N_("Payment under way"),
    Stage.PAID: N_("Invoice paid"),
    Stage.CANCELED: N_("Invoice taken back"),
}


def build(till: Till) -> APIRouter:
    """Make the page's routes."""
    router = APIRouter(prefix="/checkout/invoices", include_in_schema=False)

    def page_of(found: Bill, key: str, reader: Reader) -> PayingPage:
        address = f"/checkout/invoices/{found.invoice.id}/{key}"
        return PayingPage(till, "invoice.html", TITLES, address, found, reader)

    @router.get("/{invoice_id}/{key}")
    async def show(
        invoice_id: InvoiceId,
        key: Key,
        reader: Reading,
        held: bool = False,  # noqa: FBT001 - by name
    ) -> Response:
        found = await invoice_page.show(till, invoice_id, key, held=held)
        return page_of(found, key, reader).shown()

    @router.post("/{invoice_id}/{key}", dependencies=[Depends(own_form)])
    async def pay(
        invoice_id: InvoiceId, key: Key, card: Card, attempt: Attempt, reader: Reading
    ) -> Response:
        found = await invoice_page.show(till, invoice_id, key)
        paying = partial(invoice_page.pay, till, found.invoice, card, attempt)
        return await page_of(found, key, reader).paid(paying)

    answer_head(router)
    return router
