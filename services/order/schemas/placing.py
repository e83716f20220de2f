"""The HTTP face of placing an order: by a quote, or directly."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from services.order.handlers.checkout import Means
from shared.ids import Id
from shared.inputs import Body, Line
from shared.problems import invalid


class PaymentInput(Body):
    """A card, by the token that the payment provider gave for it; or the deal's invoice."""

    method: Literal["card", "deal"]
    token: Annotated[Line | None, Field(examples=["tok_visa"])] = None

    def means(self) -> Means | None:
        """Read it as the means to pay now; None for a deal, whose invoice is paid later.

        Raises a Problem that names the token: a card has one, and a deal hasn't.
        """
        pointer = "/payment/token"
        if self.method == "card":
            if self.token is None:
                raise invalid(pointer, "missing", "Give the card's token.")
            return Means(self.method, self.token, pointer)
        if self.token is not None:
            raise invalid(pointer, "not-with-a-deal", "A deal is paid by its invoice.")
        return None


class NewOrder(Body):
    """A quote, and how to pay for it."""

    quote_id: Id
    payment: PaymentInput
