"""The page on which an invoice is paid; its address has the invoice's own key."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path
from fastapi.responses import RedirectResponse, Response

from services.order.domain.bill import Bill
from services.order.domain.checkout import Stage
from services.order.handlers import invoice_page
from services.order.handlers.settling import Till
from services.order.pages.rendering import page
from services.order.routes.forms import Attempt, Card, nothing, unpaid
from shared.ids import new_id
from shared.origin import own_form
from shared.problems import Problem

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

    @router.get("/{invoice_id}/{key}")
    async def show(
        invoice_id: InvoiceId,
        key: Key,
        held: bool = False,  # noqa: FBT001 - by name
    ) -> Response:
        try:
            found = await invoice_page.show(till, invoice_id, key, held=held)
        except Problem as refused:
            return nothing(refused, "invoice")
        return _sheet(till, found, key)

    @router.post("/{invoice_id}/{key}", dependencies=[Depends(own_form)])
    async def pay(invoice_id: InvoiceId, key: Key, card: Card, attempt: Attempt) -> Response:
        try:
            found = await invoice_page.show(till, invoice_id, key)
        except Problem as refused:
            return nothing(refused, "invoice")
        unmade = await unpaid(invoice_page.pay(till, found.invoice, card, attempt))
        if unmade:
            return _sheet(till, found, key, status=unmade.status, refused=unmade.said)
        return RedirectResponse(f"/checkout/invoices/{invoice_id}/{key}", 303)

    return router


def _sheet(
    till: Till, found: Bill, key: str, *, status: int = 200, refused: str | None = None
) -> Response:
    return page(
        "invoice.html",
        status=status,
        bill=found,
        title=TITLES[found.stage],
        address=f"/checkout/invoices/{found.invoice.id}/{key}",
        ways=till.provider.ways,
        attempt=new_id("att"),
        refused=refused,
    )
