"""The HTTP face of supplements and of the work on each line."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from services.order import outgoing
from services.order.domain.supplement import Supplement, Way, priced
from services.order.domain.terms import Line as WorkLine
from services.order.domain.terms import Work
from services.order.handlers.supplements import Proposal, Proposed, Said
from shared.contracts.order import Supplement as SupplementV1
from shared.idempotency import Answer
from shared.ids import Id
from shared.inputs import Body, Line, MoneyInput, Paragraph, UtcMoment

MOST_LINES = 20
"""Of one supplement: each event of its order carries them all."""

ServiceCode = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,39}$")]

Words = Annotated[
    Paragraph, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000)
]


class LineInput(Body):
    """A line of work; the money is for its whole quantity, `tax_rate` a fraction of it."""

    service: Annotated[ServiceCode, Field(examples=["brakes"])]
    description: Annotated[Line, Field(examples=["Front brake hoses, both"])]
    quantity: Annotated[int, Field(ge=1, le=100)] = 1
    notes: Annotated[Paragraph, Field(max_length=500)] | None = None
    labour: MoneyInput | None = None
    parts: MoneyInput | None = None
    fees: MoneyInput | None = None
    tax_rate: Annotated[Decimal, Field(ge=0, le=1, decimal_places=5, examples=["0.10"])]

    @model_validator(mode="after")
    def _priced(self) -> LineInput:
        currencies = {part.currency for part in (self.labour, self.parts, self.fees) if part}
        if not currencies:
            raise PydanticCustomError("no-price", "Say what it costs: labour, parts or fees.")
        if len(currencies) > 1:
            raise PydanticCustomError("mixed-currencies", "Give the line's money in one currency.")
        return self

    def line(self) -> WorkLine:
        """Price it."""
        return priced(
            service=self.service,
            description=self.description,
            quantity=self.quantity,
            notes=self.notes,
            labour=self.labour.money() if self.labour else None,
            parts=self.parts.money() if self.parts else None,
            fees=self.fees.money() if self.fees else None,
            tax_rate=self.tax_rate,
        )


class NewSupplement(Body):
    """Work that was found on the way, and why it is needed; photos of it by their ids."""

    reason: Annotated[Words, Field(examples=["The brake hoses are cracked."])]
    items: Annotated[list[LineInput], Field(min_length=1, max_length=MOST_LINES)]
    estimated_completion_at: UtcMoment | None = None
    attachment_ids: Annotated[tuple[Id, ...], Field(max_length=MOST_LINES)] = ()

    def proposal(self) -> Proposal:
        """Read it as what is proposed."""
        lines = [item.line() for item in self.items]
        shown = tuple(dict.fromkeys(self.attachment_ids))
        return Proposal(self.reason, lines, self.estimated_completion_at, shown)


class DecisionInput(Body):
    """A decision: of the partner itself, or `by` whom, `way` and when the workshop was told it."""

    way: Literal[Way.PHONE, Way.EMAIL, Way.IN_PERSON] | None = None
    by: Line | None = None
    at: UtcMoment | None = None
    note: Annotated[Words, Field(max_length=500)] | None = None

    def said(self) -> Said:
        """Read it as what was said."""
        return Said(self.way, self.by, self.at, self.note)


class Withdrawal(Body):
    """Why a supplement is taken back."""

    note: Annotated[Words, Field(max_length=500)] | None = None


class LineStatus(Body):
    """How far a line is."""

    status: Literal[Work.IN_PROGRESS, Work.DONE]
    reason: Words | None = None


class SupplementOut(SupplementV1):
    """A supplement, and the order that it is of."""

    order_id: str

    @classmethod
    def of(cls, order_id: str, supplement: Supplement) -> SupplementOut:
        """Show a supplement."""
        return cls(**dict(outgoing.supplement(supplement)), order_id=order_id)


class SupplementList(BaseModel):
    """All supplements of an order, oldest first; there are 20 at the most."""

    data: list[SupplementOut]


def proposed(made: Proposed) -> Answer:
    """Answer with a supplement that was just proposed."""
    shown = SupplementOut.of(made.order.id, made.supplement)
    where = f"/v1/orders/{made.order.id}/supplements/{made.supplement.id}"
    return Answer(201, shown.model_dump_json().encode(), {"Location": where})
