"""The page on which a quote is paid; its unguessable address is all that a payer needs."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Path
from fastapi.responses import Response

from services.order.domain.standing import Stage
from services.order.handlers import checkout_page
from services.order.handlers.checkout_page import Checkout
from services.order.handlers.settling import Till
from services.order.pages.reader import Reader, Reading
from services.order.routes.paying_page import Attempt, Card, PayingPage
from shared.browsers import answer_head
from shared.languages import N_
from shared.origin import own_form

QuoteId = Annotated[str, Path(max_length=64)]

TITLES = {
    Stage.UNPRICED: N_("Your quote"),
    Stage.PAYABLE: N_("Your quote"),
    Stage.CONFIRMING: N_("Confirm your payment"),
    Stage.SETTLING: N_("Payment under way"),
    Stage.PAID: N_("Thank you"),
    Stage.ON_ACCOUNT: N_("Ordered"),
    Stage.CANCELED: N_("Order canceled"),
    Stage.EXPIRED: N_("Quote expired"),
    Stage.DECLINED: N_("Quote declined"),
}


def build(till: Till) -> APIRouter:
    """Make the checkout page's routes."""
    router = APIRouter(prefix="/checkout", include_in_schema=False)

    def page_of(found: Checkout, reader: Reader) -> PayingPage:
        address = f"/checkout/{found.quote.id}"
        return PayingPage(till, "checkout.html", TITLES, address, found, reader)

    @router.get("/{quote_id}")
    async def show(
        quote_id: QuoteId,
        reader: Reading,
        held: bool = False,  # noqa: FBT001 - by name
    ) -> Response:
        return page_of(await checkout_page.show(till, quote_id, held=held), reader).shown()

    @router.post("/{quote_id}", dependencies=[Depends(own_form)])
    async def pay(quote_id: QuoteId, card: Card, attempt: Attempt, reader: Reading) -> Response:
        found = await checkout_page.show(till, quote_id)
        paying = partial(checkout_page.pay, till, found.quote, card, attempt)
        return await page_of(found, reader).paid(paying)

    answer_head(router)
    return router
