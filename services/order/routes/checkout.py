"""The page on which a quote is paid; its unguessable address is all that a payer needs."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path
from fastapi.responses import Response

from services.order.domain.standing import Stage
from services.order.handlers import checkout_page
from services.order.handlers.checkout_page import Checkout
from services.order.handlers.settling import Till
from services.order.routes.paying_page import Attempt, Card, PayingPage
from shared.browsers import answer_head
from shared.origin import own_form

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

    def page_of(found: Checkout) -> PayingPage:
        return PayingPage(till, "checkout.html", TITLES, f"/checkout/{found.quote.id}", found)

    @router.get("/{quote_id}")
    async def show(quote_id: QuoteId, held: bool = False) -> Response:  # noqa: FBT001 - by name
        return page_of(await checkout_page.show(till, quote_id, held=held)).shown()

    @router.post("/{quote_id}", dependencies=[Depends(own_form)])
    async def pay(quote_id: QuoteId, card: Card, attempt: Attempt) -> Response:
        found = await checkout_page.show(till, quote_id)
        return await page_of(found).paid(checkout_page.pay(till, found.quote, card, attempt))

    answer_head(router)
    return router
