"""Stripe's own payment page, for a payer without a card's token: it needs no script of ours.

Source: https://docs.stripe.com/api/checkout/sessions
"""

from __future__ import annotations

import stripe
from stripe import StripeClient
from stripe.checkout import Session

from services.order.domain.payment import (
    ActionRequired,
    Declined,
    NextAction,
    Outcome,
    Succeeded,
    Underway,
)
from services.order.payments.port import Way
from shared.languages import N_

TOKEN = "hosted"  # noqa: S105 - says where, and opens nothing
WAY = Way(TOKEN, N_("Card"), N_("You pay on the page of Stripe, and come back here"))
ABANDONED = Declined("payment-abandoned")


class HostedPage:
    """Opens a page for a payment, tells how it stands, and closes it."""

    def __init__(self, api: StripeClient, *, public_url: str) -> None:
        self._sessions = api.v1.checkout.sessions
        self._public_url = public_url

    async def opened(self, key: str, minor: int, currency: str) -> Session:
        """Open the page of a payment; again by the same key, it is the same page."""
        back = f"{self._public_url}/checkout/back/{key}"
        return await self._sessions.create_async(
            {
                "mode": "payment",
                "line_items": [
                    {
                        "quantity": 1,
                        "price_data": {
                            "currency": currency.lower(),
                            "unit_amount": minor,
                            "product_data": {"name": f"Payment {key}"},
                        },
                    }
                ],
                "success_url": back,
                "cancel_url": back,
                "payment_intent_data": {"metadata": {"payment": key}},
            },
            {"idempotency_key": key},
        )

    async def read(self, session_id: str) -> Session:
        """Ask how a page stands."""
        return await self._sessions.retrieve_async(session_id)

    async def closed(self, session_id: str) -> Session:
        """Close a page, unless it ended before."""
        try:
            return await self._sessions.expire_async(session_id)
        except stripe.InvalidRequestError:
            return await self._sessions.retrieve_async(session_id)


def outcome(session: Session) -> Outcome:
    """Read what a page says of its payment."""
    if session.status == "complete":
        return Succeeded() if session.payment_status == "paid" else Underway()
    if session.status == "open" and session.url:
        return ActionRequired(NextAction("hosted-page", session.url))
    return ABANDONED


def intent_of(session: Session) -> str:
    """Name the intent that a page has made; raises LookupError while it has none."""
    intent = session.payment_intent
    if intent is None:
        raise LookupError(session.id)
    return intent if isinstance(intent, str) else intent.id
