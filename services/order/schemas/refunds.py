"""The HTTP face of refunds."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from services.order.handlers.progress import View
from services.order.handlers.refunding import Giving
from services.order.schemas.orders import OrderOut, Reason
from shared.idempotency import Answer
from shared.inputs import MAX_AMOUNT, Body, MoneyInput


class RefundAmount(MoneyInput):
    """Money that goes back, tax included."""

    amount: Annotated[int, Field(strict=True, ge=1, le=MAX_AMOUNT, examples=[10000])]


class NewRefund(Body):
    """How much goes back (all that is left, unless it says), and why."""

    reason: Annotated[Reason, Field(examples=["The paint was scratched."])]
    amount: RefundAmount | None = None

    def giving(self) -> Giving:
        """Read it as the command."""
        return Giving(self.reason, self.amount.money() if self.amount else None)


def owed(view: View) -> Answer:
    """Answer with the order, whose payments have the refund."""
    body = OrderOut.of(view.order, view.payments).model_dump_json().encode()
    return Answer(201, body, {"Location": f"/v1/orders/{view.order.id}"})
