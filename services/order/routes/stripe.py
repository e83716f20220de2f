"""What Stripe and its payers come back to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import stripe
from fastapi import APIRouter, Header, Path, Request
from fastapi.responses import Response

from services.order.handlers import authenticating, notices
from services.order.handlers.settling import Till
from services.order.pages.reader import Reading
from services.order.routes import bank
from shared.browsers import answer_head
from shared.problems import Problem

TOLERANCE_SECONDS = 300


def build(till: Till, secret: str, wake: Callable[[], None]) -> APIRouter:
    """Make the routes; they are Stripe's and browsers', so the reference doesn't show them."""
    router = APIRouter(include_in_schema=False)

    @router.post("/v1/payment-notices/stripe", status_code=204)
    async def notice(
        request: Request, stripe_signature: Annotated[str, Header(max_length=1000)]
    ) -> None:
        payload = await request.body()
        try:
            told = stripe.Webhook.construct_event(
                payload, stripe_signature, secret, TOLERANCE_SECONDS
            )
        except (ValueError, stripe.SignatureVerificationError):
            detail = "This isn't signed with our secret, or was signed long ago."
            raise Problem(400, "bad-signature", detail) from None
        payment_id = getattr(getattr(told.data.object, "metadata", None), "payment", None)
        if isinstance(payment_id, str):
            await notices.look_again(till.database, payment_id)
            wake()

    @router.get("/checkout/back/{payment_id}")
    async def back(payment_id: Annotated[str, Path(max_length=64)], reader: Reading) -> Response:
        payment = await authenticating.asked(till, payment_id)
        await notices.look_again(till.database, payment_id)
        wake()
        return await bank.back(till, payment, reader, f"/checkout/back/{payment_id}")

    answer_head(router)
    return router
