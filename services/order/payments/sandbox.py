"""A provider for development: durable, idempotent by key, and as fallible as its tokens say.

It plays another company: it opens transactions of its own and is never called inside one of ours.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from services.order.domain.payment import (
    ActionRequired,
    Declined,
    NextAction,
    Outcome,
    Succeeded,
    Underway,
)
from services.order.payments.port import NO_MONEY, ProviderUnavailable, UnknownToken, Way
from services.order.tables.sandbox import sandbox_charges as charges
from services.order.tables.sandbox import sandbox_refunds as refunds
from shared.clock import Clock
from shared.languages import N_
from shared.money import Money

FIRST_STATE = {
    "tok_visa": "succeeded",
    "tok_declined": "card-declined",
    "tok_action_required": "action-required",
    "tok_late_success": "underway",
}
"""Each token, and what becomes of a charge of it at first."""

WAYS = (
    Way("tok_visa", N_("Test card that succeeds"), N_("Paid at once")),
    Way("tok_declined", N_("Test card that is declined"), N_("Its bank refuses")),
    Way(
        "tok_action_required",
        N_("Test card that needs confirmation"),
        N_("Its bank asks the payer first"),
    ),
    Way("tok_late_success", N_("Test card that succeeds late"), N_("Its bank takes its time")),
)


class Sandbox:
    """Keeps its charges and refunds in tables of its own."""

    ways = WAYS

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
        """Charge once, or tell how that charge stands by now."""
        return await self._charged(key, token, amount, FIRST_STATE.get(token, "unknown-token"))

    async def cancel(self, key: str) -> Outcome:
        """Give up a charge that waits for its payer, or that was never asked for."""
        await self._leave_waiting(key, "payment-abandoned")
        return await self._charged(key, "", NO_MONEY, "payment-abandoned")

    async def refund(self, key: str, charge_key: str, amount: Money) -> None:
        """Give back some of a charge, once."""
        row = {
            "key": key,
            "charge_key": charge_key,
            "amount": amount.amount,
            "currency": amount.currency,
            "created_at": self._clock.now(),
        }
        async with self._books() as connection:
            await connection.execute(insert(refunds).values(row).on_conflict_do_nothing())

    async def authenticate(self, key: str) -> bool:
        """Play the payer who confirms a charge; tell whether it waited for that."""
        return await self._leave_waiting(key, "succeeded")

    async def refuse(self, key: str) -> bool:
        """Play the payer who refuses a charge; tell whether it waited for that."""
        return await self._leave_waiting(key, "authentication-failed")

    async def _leave_waiting(self, key: str, state: str) -> bool:
        waiting = charges.c.state == "action-required"
        statement = update(charges).where(charges.c.key == key, waiting).values(state=state)
        async with self._books() as connection:
            return (await connection.execute(statement)).rowcount == 1

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
        async with self._books() as connection:
            await connection.execute(insert(charges).values(row).on_conflict_do_nothing())
            stored = await connection.execute(select(charges).where(charges.c.key == key))
            return self._outcome(stored.one(), now)

    @asynccontextmanager
    async def _books(self) -> AsyncIterator[AsyncConnection]:
        try:
            async with self._engine.begin() as connection:
                yield connection
        except (SQLAlchemyError, OSError) as error:
            raise ProviderUnavailable(repr(error)) from error

    def _outcome(self, charge: Row[Any], now: datetime) -> Outcome:
        match charge.state:
            case "succeeded":
                return Succeeded()
            case "underway":
                return Succeeded() if now >= charge.succeeds_at else Underway()
            case "action-required":
                url = f"{self._url}/checkout/bank/{charge.key}"
                return ActionRequired(NextAction("authenticate", url))
            case code:
                return Declined(code)
