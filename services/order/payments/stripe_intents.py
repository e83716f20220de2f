"""Keeps which intent or page of Stripe's is which payment, in transactions of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from services.order.payments.port import ProviderUnavailable
from services.order.tables.stripe import stripe_intents as intents
from shared.clock import Clock
from shared.money import Money


@dataclass(frozen=True, slots=True)
class Entry:
    """A charge that was asked for; without `stripe_id`, Stripe may not have heard of it."""

    key: str
    token: str
    amount: Money
    stripe_id: str | None
    abandoned: bool


class Intents:
    """The adapter's books: what is written here stands, whatever becomes of the process."""

    def __init__(self, engine: AsyncEngine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    async def asked(self, key: str, token: str, amount: Money, *, abandoned: bool = False) -> Entry:
        """Enter a charge, or find it as it was entered first."""
        row = {
            "key": key,
            "token": token,
            "amount": amount.amount,
            "currency": amount.currency,
            "abandoned": abandoned,
            "created_at": self._clock.now(),
        }
        async with self._books() as connection:
            await connection.execute(insert(intents).values(row).on_conflict_do_nothing())
        entry = await self.find(key)
        if entry is None:
            raise LookupError(key)
        return entry

    async def find(self, key: str) -> Entry | None:
        """Find a charge that was entered."""
        async with self._books() as connection:
            found = await connection.execute(select(intents).where(intents.c.key == key))
            row = found.one_or_none()
        if row is None:
            return None
        amount = Money(row.amount, row.currency)
        return Entry(row.key, row.token, amount, row.stripe_id, row.abandoned)

    async def made(self, key: str, stripe_id: str) -> bool:
        """Keep the intent or page that Stripe made; False when it was given up meanwhile."""
        wanted = (intents.c.key == key) & ~intents.c.abandoned
        async with self._books() as connection:
            kept = await connection.execute(
                update(intents).where(wanted).values(stripe_id=stripe_id)
            )
        return kept.rowcount == 1

    async def abandon(self, key: str) -> bool:
        """Give up a charge that Stripe may not have heard of; False when Stripe has it."""
        unmade = (intents.c.key == key) & intents.c.stripe_id.is_(None)
        async with self._books() as connection:
            changed = await connection.execute(update(intents).where(unmade).values(abandoned=True))
        return changed.rowcount == 1

    @asynccontextmanager
    async def _books(self) -> AsyncIterator[AsyncConnection]:
        try:
            async with self._engine.begin() as connection:
                yield connection
        except (SQLAlchemyError, OSError) as error:
            raise ProviderUnavailable(repr(error)) from error
