"""The page on which what is due for an order is paid: work that was authorised since."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Path
from fastapi.responses import RedirectResponse, Response

from services.order.domain.order import Status
from services.order.domain.standing import Stage
from services.order.handlers import order_page
from services.order.handlers.order_page import Balance
from services.order.handlers.settling import Till
from services.order.pages.reader import Reader, Reading
from services.order.routes.paying_page import Attempt, Card, PayingPage
from shared.browsers import answer_head
from shared.languages import N_
from shared.origin import own_form

OrderId = Annotated[str, Path(max_length=64)]

TITLES = {
    Stage.PAYABLE: N_("Your order"),
    Stage.CONFIRMING: N_("Confirm your payment"),
    Stage.SETTLING: N_("Payment under way"),
    Stage.PAID: N_("All is paid"),
    Stage.ON_ACCOUNT: N_("Your order"),
    Stage.CANCELED: N_("Order canceled"),
}


def build(till: Till) -> APIRouter:
    """Make the page's routes."""
    router = APIRouter(prefix="/checkout/orders", include_in_schema=False)

    def page_of(found: Balance, reader: Reader) -> PayingPage:
        address = f"/checkout/orders/{found.order.id}"
        return PayingPage(till, "order.html", TITLES, address, found, reader)

    @router.get("/{order_id}")
    async def show(
        order_id: OrderId,
        reader: Reading,
        held: bool = False,  # noqa: FBT001 - by name
    ) -> Response:
        found = await order_page.show(till, order_id, held=held)
        order = found.order
        if order.quote_id and order.status is Status.AWAITING_PAYMENT:
            return RedirectResponse(reader.url(f"/checkout/{order.quote_id}"), 303)
        return page_of(found, reader).shown()

    @router.post("/{order_id}", dependencies=[Depends(own_form)])
    async def pay(order_id: OrderId, card: Card, attempt: Attempt, reader: Reading) -> Response:
        found = await order_page.show(till, order_id)
        paying = partial(order_page.pay, till, found.order, card, attempt)
        return await page_of(found, reader).paid(paying)

    answer_head(router)
    return router
