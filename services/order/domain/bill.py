"""Where an invoice stands for whoever is to pay it."""

from __future__ import annotations

from dataclasses import dataclass

from services.order.domain.checkout import MAY_PAY, Stage, waiting
from services.order.domain.invoice import Invoice, Status
from services.order.domain.payment import Payment

_ENDED = {Status.PAID: Stage.PAID, Status.VOID: Stage.CANCELED}


@dataclass(frozen=True, slots=True)
class Bill:
    """An issued invoice and its attempts to pay, oldest first.

    `underway` are those for what it charges, too: while one is, nobody is to pay twice.
    """

    invoice: Invoice
    payments: tuple[Payment, ...]
    underway: tuple[Payment, ...]

    @property
    def stage(self) -> Stage:
        """Tell what the payer can do now, or has to wait for."""
        return _ENDED.get(self.invoice.status) or waiting(self.underway) or Stage.PAYABLE

    @property
    def waiting_for(self) -> Payment | None:
        """Return the attempt that has no outcome yet."""
        return self.underway[0] if self.underway else None

    @property
    def failure(self) -> str | None:
        """Return why the last attempt failed, where another can be made."""
        return self.payments[-1].failure_code if self.payments and self.may_pay else None

    @property
    def may_pay(self) -> bool:
        """Tell whether another attempt would be accepted."""
        return self.stage in MAY_PAY
