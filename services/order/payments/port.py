"""What this service asks of a payment provider, which is another company with its own memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from services.order.domain.payment import Outcome
from shared.money import Money


@dataclass(frozen=True, slots=True)
class Way:
    """What a payer who has no card's token yet can choose, and the token that stands for it.

    Title and hint are translated where they are shown.
    """

    token: str
    title: str
    hint: str


NO_MONEY = Money(0, "XXX")
"""Of a charge that was given up before anybody asked for it; XXX is ISO 4217's "no currency"."""


class UnknownToken(ValueError):
    """The provider never issued this token."""


class ProviderUnavailable(ConnectionError):
    """No answer, so nobody knows: ask again with the same key."""


class PaymentProvider(Protocol):
    """Takes and returns money; every call with a key it knows answers for the first one."""

    @property
    def ways(self) -> Sequence[Way]:
        """Offer these on the checkout page."""
        ...

    async def verify(self, token: str) -> None:
        """Check a token without charging it; raises UnknownToken or ProviderUnavailable."""
        ...

    async def charge(self, key: str, token: str, amount: Money) -> Outcome:
        """Charge once, or tell how that charge stands by now; raises ProviderUnavailable."""
        ...

    async def cancel(self, key: str) -> Outcome:
        """Give up a charge that waits for its payer; it may have succeeded, or still may.

        Raises ProviderUnavailable.
        """
        ...

    async def refund(self, key: str, charge_key: str, amount: Money) -> None:
        """Give back some of a charge, once; raises ProviderUnavailable."""
        ...
