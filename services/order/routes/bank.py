"""A payer's bank, played by the sandbox; and the way back from any bank."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Form, Path
from fastapi.responses import RedirectResponse, Response

from services.order.handlers import authenticating
from services.order.handlers.settling import Till
from services.order.pages.rendering import page
from services.order.payments.sandbox import Sandbox
from shared.browsers import answer_head
from shared.origin import own_form

PaymentId = Annotated[str, Path(max_length=64)]


def build(till: Till, sandbox: Sandbox) -> APIRouter:
    """Make the routes that play a payer's bank."""
    router = APIRouter(prefix="/checkout/bank", include_in_schema=False)

    @router.get("/{payment_id}")
    async def ask(payment_id: PaymentId) -> Response:
        payment = await authenticating.asked(till, payment_id)
        if payment.next_action is None:
            return await back(till, payment_id)
        return page("bank.html", payment=payment)

    @router.post("/{payment_id}", dependencies=[Depends(own_form)])
    async def decide(
        payment_id: PaymentId, decision: Annotated[Literal["confirm", "refuse"], Form()]
    ) -> Response:
        payment = await authenticating.asked(till, payment_id)
        await authenticating.decide(till, sandbox, payment, confirmed=decision == "confirm")
        return await back(till, payment_id)

    answer_head(router)
    return router


async def back(till: Till, payment_id: str) -> Response:
    """Lead a payer back to the page of what is paid, or thank where that has none."""
    where = await authenticating.page_of(till, payment_id)
    if where:
        return RedirectResponse(where, 303)
    return page(
        "nothing.html",
        title="Thank you",
        detail="Your bank's part is done.",
        again=None,
        reference=None,
    )
