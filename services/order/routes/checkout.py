"""The page on which a quote is paid; its unguessable address is all that a payer needs."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Form, Path
from fastapi.responses import RedirectResponse, Response

from services.order.domain.checkout import Checkout, Stage
from services.order.handlers import authenticating, checkout_page
from services.order.handlers.settling import Till
from services.order.pages.rendering import page
from services.order.payments.sandbox import Sandbox
from shared.ids import new_id
from shared.origin import own_form
from shared.problems import Problem

QuoteId = Annotated[str, Path(max_length=64)]
PaymentId = Annotated[str, Path(max_length=64)]
Attempt = Annotated[str, Form(pattern=r"^att_[0-9a-z]{1,60}$")]
Card = Annotated[str, Form(min_length=1, max_length=200)]

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
            return _nothing(refused)
        return _sheet(till, found)

    @router.post("/{quote_id}", dependencies=[Depends(own_form)])
    async def pay(quote_id: QuoteId, card: Card, attempt: Attempt) -> Response:
        try:
            found = await checkout_page.show(till, quote_id)
        except Problem as refused:
            return _nothing(refused)
        try:
            await checkout_page.pay(till, found.quote, card, attempt)
        except Problem as refused:
            if refused.status in {422, 503}:
                said = refused.errors[0].message if refused.errors else refused.detail
                return _sheet(till, found, status=refused.status, refused=said)
            # Whatever else became of it, the page itself tells.
        return RedirectResponse(f"/checkout/{quote_id}", 303)

    return router


def build_bank(till: Till, sandbox: Sandbox) -> APIRouter:
    """Make the routes that play a payer's bank."""
    router = APIRouter(prefix="/checkout/bank", include_in_schema=False)

    @router.get("/{payment_id}")
    async def ask(payment_id: PaymentId) -> Response:
        try:
            payment = await authenticating.asked(till, payment_id)
        except Problem as refused:
            return _nothing(refused)
        if payment.next_action is None:
            return _back(payment.quote_id)
        return page("bank.html", payment=payment)

    @router.post("/{payment_id}", dependencies=[Depends(own_form)])
    async def decide(
        payment_id: PaymentId, decision: Annotated[Literal["confirm", "refuse"], Form()]
    ) -> Response:
        try:
            payment = await authenticating.asked(till, payment_id)
        except Problem as refused:
            return _nothing(refused)
        await authenticating.decide(till, sandbox, payment, confirmed=decision == "confirm")
        return _back(payment.quote_id)

    return router


def _sheet(
    till: Till, found: Checkout, *, status: int = 200, refused: str | None = None
) -> Response:
    return page(
        "checkout.html",
        status=status,
        checkout=found,
        title=TITLES[found.stage],
        ways=till.provider.ways,
        attempt=new_id("att"),
        refused=refused,
    )


def _nothing(refused: Problem) -> Response:
    if refused.status == 404:
        title, detail = "Nothing here", "There is no such quote, or it was only just made."
        return page("nothing.html", status=404, title=title, detail=detail)
    raise refused


def _back(quote_id: str | None) -> Response:
    if quote_id:
        return RedirectResponse(f"/checkout/{quote_id}", 303)
    return page("nothing.html", title="Thank you", detail="Your bank's part is done.")
