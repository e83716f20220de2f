"""The page on which what is due for an order is paid: work that was authorised since."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path
from fastapi.responses import RedirectResponse, Response

from services.order.domain.balance import Balance
from services.order.domain.checkout import Stage
from services.order.domain.order import Status
from services.order.handlers import order_page
from services.order.handlers.settling import Till
from services.order.pages.rendering import page
from services.order.routes.forms import Attempt, Card, nothing, unpaid
from shared.ids import new_id
from shared.origin import own_form
from shared.problems import Problem

OrderId = Annotated[str, Path(max_length=64)]

TITLES = {
    Stage.PAYABLE: "Your order",
    Stage.CONFIRMING: "Confirm your payment",
    Stage.SETTLING: "Payment under way",
    Stage.PAID: "All is paid",
    Stage.ON_ACCOUNT: "Your order",
    Stage.CANCELED: "Order canceled",
}


def build(till: Till) -> APIRouter:
    """Make the page's routes."""
    router = APIRouter(prefix="/checkout/orders", include_in_schema=False)

    @router.get("/{order_id}")
    async def show(order_id: OrderId, held: bool = False) -> Response:  # noqa: FBT001 - by name
        try:
            found = await order_page.show(till, order_id, held=held)
        except Problem as refused:
            return nothing(refused, "order")
        order = found.order
        if order.quote_id and order.status is Status.AWAITING_PAYMENT:
            return RedirectResponse(f"/checkout/{order.quote_id}", 303)
        return _sheet(till, found)

    @router.post("/{order_id}", dependencies=[Depends(own_form)])
    async def pay(order_id: OrderId, card: Card, attempt: Attempt) -> Response:
        try:
            found = await order_page.show(till, order_id)
        except Problem as refused:
            return nothing(refused, "order")
        unmade = await unpaid(order_page.pay(till, found.order, card, attempt))
        if unmade:
            return _sheet(till, found, status=unmade.status, refused=unmade.said)
        return RedirectResponse(f"/checkout/orders/{order_id}", 303)

    return router


def _sheet(
    till: Till, found: Balance, *, status: int = 200, refused: str | None = None
) -> Response:
    return page(
        "order.html",
        status=status,
        balance=found,
        title=TITLES[found.stage],
        address=f"/checkout/orders/{found.order.id}",
        ways=till.provider.ways,
        attempt=new_id("att"),
        refused=refused,
    )
