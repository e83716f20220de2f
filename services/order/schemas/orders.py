"""The HTTP face of orders: a body to a command, an order to a body."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, Field, StringConstraints

from services.order import outgoing
from services.order.domain.order import Order, Status
from services.order.domain.payment import Payment
from services.order.handlers.checkout import Attempt
from services.order.handlers.paying import Means
from services.order.handlers.progress import Ending, View
from services.order.repository.orders import Entry
from services.order.repository.rows import bare_plate
from shared.contracts import PaymentV1, ServiceV1
from shared.contracts.common import Amount, Change, Contract
from shared.idempotency import Answer
from shared.inputs import Body, Line, MoneyInput, Paragraph, UtcMoment

Reason = Annotated[Paragraph, StringConstraints(strip_whitespace=True, min_length=1)]


class CardInput(Body):
    """A card, by the token that the payment provider gave for it."""

    method: Literal["card"]
    token: Annotated[Line, Field(examples=["tok_visa"])]

    def means(self, pointer: str) -> Means:
        """Read it as the means to pay; the pointer says where in the body the token stands."""
        return Means(self.method, self.token, pointer)


class StatusChange(Body):
    """Where the work stands, now or since an earlier moment (`at`); a delay says why."""

    status: Literal[Status.PENDING, Status.IN_PROGRESS, Status.DELAYED, Status.COMPLETED]
    reason: Reason | None = None
    estimated_completion_at: UtcMoment | None = None
    at: UtcMoment | None = None


class CancelRefund(Body):
    """How much of what was paid goes back when an order ends; tax included."""

    amount: MoneyInput


class Cancellation(Body):
    """Why an order ends; what was paid goes back, all of it or as much as `refund` says."""

    reason: Reason
    refund: CancelRefund | None = None

    def ending(self) -> Ending:
        """Read it as the command."""
        return Ending(self.reason, self.refund.amount.money() if self.refund else None)


class Rescheduling(Body):
    """When the work is to begin, and why not as it was said."""

    start_at: UtcMoment
    reason: Reason | None = None


class OrderQuery(BaseModel):
    """Which orders are asked for; without a status, all but unpaid attempts."""

    status: Status | None = None
    quote_id: Annotated[str | None, Field(max_length=64)] = None
    deal_id: Annotated[str | None, Field(max_length=64)] = None
    workshop_id: Annotated[str | None, Field(max_length=64)] = None
    external_reference: Annotated[str | None, Field(max_length=200)] = None
    vin: Annotated[str | None, StringConstraints(to_upper=True, max_length=32)] = None
    plate: Annotated[str | None, AfterValidator(bare_plate), Field(max_length=16)] = None


class CreatedQuery(BaseModel):
    """When the orders that are asked for were made: from, and up to."""

    created_since: UtcMoment | None = None
    created_before: UtcMoment | None = None


class NextActionOut(Contract):
    """What the payer has to do, and where."""

    type: str
    url: str


class PaymentOut(PaymentV1):
    """A payment, and what it waits for."""

    next_action: NextActionOut | None = None
    settled_at: datetime | None = None
    refund_due: Amount

    @classmethod
    def of(cls, payment: Payment) -> PaymentOut:
        """Show a payment, and what of it goes back."""
        return cls.model_validate(payment, from_attributes=True)


class OrderOut(ServiceV1):
    """An order with every payment for it, oldest first."""

    payments: tuple[PaymentOut, ...]
    history_url: str

    @classmethod
    def of(cls, order: Order, payments: tuple[Payment, ...]) -> OrderOut:
        """Show an order."""
        return cls(
            **dict(outgoing.service(order)),
            payments=tuple(map(PaymentOut.of, payments)),
            history_url=f"/v1/orders/{order.id}/history",
        )


class AttemptOut(OrderOut):
    """An order, and the payment that was just made for it; none for one on a deal's invoice."""

    payment: PaymentOut | None

    @classmethod
    def of_attempt(cls, attempt: Attempt) -> AttemptOut:
        """Show what became of an attempt to pay."""
        order = OrderOut.of(attempt.order, attempt.payments)
        return cls(**dict(order), payment=attempt.payment and PaymentOut.of(attempt.payment))


class ActorOut(BaseModel):
    """Who made a change: a client in a role, or the service by itself."""

    role: str
    client_id: str | None


class EntryOut(BaseModel):
    """A change of an order, and the event that told of it; `at` is when it was said."""

    position: int
    at: datetime
    effective_at: datetime
    actor: ActorOut
    from_status: Annotated[str | None, Field(serialization_alias="from")]
    to_status: Annotated[str, Field(serialization_alias="to")]
    reason: str | None
    changes: tuple[Change, ...]
    event_id: str | None

    @classmethod
    def of(cls, entry: Entry) -> EntryOut:
        """Show a change."""
        return cls.model_validate(entry, from_attributes=True)


def attempted(attempt: Attempt) -> Answer:
    """Answer an attempt to pay: 202 while its outcome is still to come."""
    body = AttemptOut.of_attempt(attempt).model_dump_json().encode()
    status = 202 if attempt.payment and attempt.payment.is_open else 201
    return Answer(status, body, {"Location": f"/v1/orders/{attempt.order.id}"})


def shown(view: View) -> Answer:
    """Answer with an order as it stands."""
    return Answer(200, OrderOut.of(view.order, view.payments).model_dump_json().encode())
