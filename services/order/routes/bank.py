"""A payer's bank, played by the sandbox; and the way back from any bank."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Form, Path
from fastapi.responses import RedirectResponse, Response

from services.order.domain.payment import Payment
from services.order.handlers import authenticating
from services.order.handlers.settling import Till
from services.order.pages.reader import Reader, Reading
from services.order.pages.rendering import notice, page
from services.order.pages.said import THANKS
from services.order.payments.sandbox import Sandbox
from shared.browsers import answer_head
from shared.origin import own_form

PaymentId = Annotated[str, Path(max_length=64)]


def build(till: Till, sandbox: Sandbox) -> APIRouter:
    """Make the routes that play a payer's bank."""
    router = APIRouter(prefix="/checkout/bank", include_in_schema=False)

    @router.get("/{payment_id}")
    async def ask(payment_id: PaymentId, reader: Reading) -> Response:
        payment = await authenticating.asked(till, payment_id)
        here = f"/checkout/bank/{payment.id}"
        if payment.next_action is None:
            return await back(till, payment, reader, here)
        return page("bank.html", reader, here, payment=payment)

    @router.post("/{payment_id}", dependencies=[Depends(own_form)])
    async def decide(
        payment_id: PaymentId,
        decision: Annotated[Literal["confirm", "refuse"], Form()],
        reader: Reading,
    ) -> Response:
        payment = await authenticating.asked(till, payment_id)
        await authenticating.decide(till, sandbox, payment, confirmed=decision == "confirm")
        return await back(till, payment, reader, f"/checkout/bank/{payment.id}")

    answer_head(router)
    return router


async def back(till: Till, payment: Payment, reader: Reader, here: str) -> Response:
    """Lead a payer back to the page of what is paid, or thank `here` where that has none."""
    where = await authenticating.page_of(till, payment.id)
    if where:
        return RedirectResponse(reader.url(where), 303)
    return notice(THANKS, reader, here)
