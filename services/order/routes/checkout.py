"""The page on which a quote is paid; its unguessable address is all that a payer needs."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path
from fastapi.responses import RedirectResponse, Response

from services.order.domain.checkout import Checkout, Stage
from services.order.handlers import checkout_page
from services.order.handlers.settling import Till
from services.order.pages.rendering import page
from services.order.routes.forms import Attempt, Card, nothing, unpaid
from shared.ids import new_id
from shared.origin import own_form
from shared.problems import Problem

QuoteId = Annotated[str, Path(max_length=64)]

TITLES = {
    Stage.UNPRICED: "Your quote",
    Stage.PAYABLE: "Your quote",
    Stage.CONFIRMING: "Confirm your payment",
    Stage.SETTLING: "Payment under way",
    Stage.PAID: "Thank you",
    Stage.ON_ACCOUNT: "Ordered",
    Stage.CANCELED: "Order canceled",
    Stage.EXPIRED: "Quote expired",
    Stage.DECLINED: "Quote declined",
}


def build(till: Till) -> APIRouter:
    """Make the checkout page's routes."""
    router = APIRouter(prefix="/checkout", include_in_schema=False)

    @router.get("/{quote_id}")
    async def show(quote_id: QuoteId, held: bool = False) -> Response:  # noqa: FBT001 - by name
        try:
            found = await checkout_page.show(till, quote_id, held=held)
        except Problem as refused:
            return nothing(refused, "quote")
        return _sheet(till, found)

    @router.post("/{quote_id}", dependencies=[Depends(own_form)])
    async def pay(quote_id: QuoteId, card: Card, attempt: Attempt) -> Response:
        try:
            found = await checkout_page.show(till, quote_id)
        except Problem as refused:
            return nothing(refused, "quote")
        unmade = await unpaid(checkout_page.pay(till, found.quote, card, attempt))
        if unmade:
            return _sheet(till, found, status=unmade.status, refused=unmade.said)
        return RedirectResponse(f"/checkout/{quote_id}", 303)

    return router


def _sheet(
    till: Till, found: Checkout, *, status: int = 200, refused: str | None = None
) -> Response:
    return page(
        "checkout.html",
        status=status,
        checkout=found,
        title=TITLES[found.stage],
        address=f"/checkout/{found.quote.id}",
        ways=till.provider.ways,
        attempt=new_id("att"),
        refused=refused,
    )
