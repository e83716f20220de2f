"""A provider for development: durable, idempotent by key, and as fallible as its tokens say.

It plays another company: it opens transactions of its own and is never called inside one of ours.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from services.order.domain.payment import (
    ActionRequired,
    Declined,
    NextAction,
    Outcome,
    Succeeded,
    Underway,
)
from services.order.payments.port import UnknownToken
from services.order.tables import sandbox_charges as charges
from services.order.tables import sandbox_refunds as refunds
from shared.clock import Clock
from shared.money import Money

FIRST_STATE = {
    "tok_visa": "succeeded",
    "tok_declined": "card-declined",
    "tok_action_required": "action-required",
    "tok_late_success": "underway",
}
"""Each token, and what becomes of a charge of it at first."""


class Sandbox:
    """Keeps its charges and refunds in tables of its own."""

    def __init__(self, engine: AsyncEngine, clock: Clock, *, url: str, late: timedelta) -> None:
        self._engine = engine
        self._clock = clock
        self._url = url
        self._late = late

    async def verify(self, token: str) -> None:
        """Check a token without charging it; raises UnknownToken."""
        if token not in FIRST_STATE:
            raise UnknownToken(token)

    async def charge(self, key: str, token: str, amount: Money) -> Outcome:
        """Charge once, or tell how that charge stands by now; raises UnknownToken."""
        await self.verify(token)
        return await self._charged(key, token, amount, FIRST_STATE[token])

    async def cancel(self, key: str) -> Outcome:
        """Give a charge up unless it has succeeded, even one that was never asked for."""
        async with self._engine.begin() as connection:
            waiting = charges.c.state.in_(["action-required", "underway"])
            still = charges.c.succeeds_at.is_(None) | (charges.c.succeeds_at > self._clock.now())
            await connection.execute(
                update(charges)
                .where(charges.c.key == key, waiting, still)
                .values(state="payment-abandoned")
            )
        return await self._charged(key, "", Money(0, "XXX"), "payment-abandoned")

    async def refund(self, key: str, charge_key: str, amount: Money) -> None:
        """Give back some of a charge, once."""
        row = {
            "key": key,
            "charge_key": charge_key,
            "amount": amount.amount,
            "currency": amount.currency,
            "created_at": self._clock.now(),
        }
        async with self._engine.begin() as connection:
            await connection.execute(insert(refunds).values(row).on_conflict_do_nothing())

    async def authenticate(self, key: str) -> bool:
        """Play the payer who confirms a charge; tell whether it waited for that."""
        async with self._engine.begin() as connection:
            result = await connection.execute(
                update(charges)
                .where(charges.c.key == key, charges.c.state == "action-required")
                .values(state="succeeded")
            )
        return result.rowcount == 1

    async def _charged(self, key: str, token: str, amount: Money, state: str) -> Outcome:
        now = self._clock.now()
        row = {
            "key": key,
            "token": token,
            "amount": amount.amount,
            "currency": amount.currency,
            "state": state,
            "succeeds_at": now + self._late if state == "underway" else None,
            "created_at": now,
        }
        async with self._engine.begin() as connection:
            await connection.execute(insert(charges).values(row).on_conflict_do_nothing())
            stored = await connection.execute(select(charges).where(charges.c.key == key))
            return self._outcome(stored.one(), now)

    def _outcome(self, charge: Row[Any], now: datetime) -> Outcome:
        match charge.state:
            case "succeeded":
                return Succeeded()
            case "underway":
                return Succeeded() if now >= charge.succeeds_at else Underway()
            case "action-required":
                url = f"{self._url}/v1/sandbox/payments/{charge.key}/authenticate"
                return ActionRequired(NextAction("authenticate", url))
            case code:
                return Declined(code)
