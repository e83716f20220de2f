"""Where an order stands for whoever is to pay what is due of it."""

from __future__ import annotations

from dataclasses import dataclass

from services.order.domain.checkout import MAY_PAY, Stage, waiting
from services.order.domain.order import Order, Status
from services.order.domain.payment import Payment


@dataclass(frozen=True, slots=True)
class Balance:
    """An order and its attempts to pay, oldest first; `underway` are its invoices', too."""

    order: Order
    payments: tuple[Payment, ...]
    underway: tuple[Payment, ...]

    @property
    def stage(self) -> Stage:
        """Tell what the payer can do now, or has to wait for."""
        if self.order.status is Status.CANCELED:
            return Stage.CANCELED
        if underway := waiting(self.underway):
            return underway
        if not self.order.balance_due.amount:
            return Stage.PAID
        return Stage.ON_ACCOUNT if self.order.deal_id else Stage.PAYABLE

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
