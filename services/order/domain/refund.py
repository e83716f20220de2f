"""Money that goes back from a payment, each time under a key of its own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.money import Money


@dataclass(frozen=True, slots=True)
class Refund:
    """Some of a payment that is owed back, and was given back once it has `made_at`.

    Its id is what the provider knows it by, so that it is made once however often it is asked for.
    """

    id: str
    amount: Money
    reason: str | None
    created_at: datetime
    made_at: datetime | None = None


class TooMuch(ValueError):
    """More is to go back than is left."""

    def __init__(self, left: Money) -> None:
        self.left = left
        super().__init__(f"{left.amount} {left.currency} left")
