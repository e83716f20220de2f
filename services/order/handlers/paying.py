"""Taking a payment: a saga with a transaction on each side of the charge, whatever is paid."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Generic, TypeVar

from services.order.domain.payment import Action, Payment, advance
from services.order.domain.payment import Status as PaymentStatus
from services.order.handlers import refusals
from services.order.handlers.settling import Till, charge, give_up
from services.order.payments.port import ProviderUnavailable, UnknownToken
from services.order.repository import access, ledger
from shared.auth import Caller
from shared.database import Transaction
from shared.idempotency import KEEP_HOURS, Answer, Once
from shared.prefer import until
from shared.problems import key_in_use, key_reused

RESULT = TypeVar("RESULT")
KEY_BYTES = 16


@dataclass(frozen=True, slots=True)
class Means:
    """How somebody wants to pay; `pointer` is where the request says it."""

    method: str
    token: str
    pointer: str


@dataclass(frozen=True, slots=True)
class Purchase(Generic[RESULT]):
    """What is paid, for the first and for the last transaction of the saga."""

    opened: Callable[[Transaction, Means], Awaitable[Payment]]
    """Finds or makes what is to be paid, locks it, refuses what can't be paid now."""

    became: Callable[[Transaction, Payment], Awaitable[RESULT]]
    """Loads what became of it."""


class StillOpen(Exception):
    """An earlier payment of the same has no outcome yet."""

    def __init__(self, payment: Payment) -> None:
        self.payment = payment
        super().__init__(payment.id)


def deadline_in(seconds: float) -> float:
    """Say until when a caller waits, by the clock that `pay` reads."""
    return time.monotonic() + seconds


async def verify(till: Till, means: Means) -> None:
    """Refuse a token that the provider doesn't know, before anything is begun."""
    try:
        async with asyncio.timeout(till.provider_timeout.total_seconds()):
            await till.provider.verify(means.token)
    except UnknownToken:
        raise refusals.unknown_token(means.pointer) from None
    except (ProviderUnavailable, TimeoutError) as silent:
        raise refusals.provider_unavailable() from silent


async def pay(
    till: Till,
    caller: Caller,
    purchase: Purchase[RESULT],
    means: Means,
    once: Once[RESULT],
    deadline: float,
) -> Answer:
    """Begin, charge and settle; answers when there is an outcome, or at the deadline without."""
    begun = await _begun(till, caller, purchase, means, once)
    if isinstance(begun, Answer):
        return begun
    await charge(till, begun, access.actor_on(begun.partner_id, caller))

    async def decided() -> Payment | None:
        async with till.database.reading() as connection:
            payment = await ledger.find(connection, begun.id)
        return payment if payment and (payment.next_action or not payment.is_open) else None

    await until(decided, max(0.0, deadline - time.monotonic()))
    return await _answered(till, begun, purchase, means, once)


def check_settled(attempts: tuple[Payment, ...]) -> None:
    """Raise StillOpen for an attempt that has no outcome yet."""
    for attempt in attempts:
        if attempt.is_open:
            raise StillOpen(attempt)


async def _begun(
    till: Till, caller: Caller, purchase: Purchase[RESULT], means: Means, once: Once[RESULT]
) -> Answer | Payment:
    """Begin, giving up an earlier payment whose payer never acted."""
    for _ in range(2):
        try:
            return await _begin(till, purchase, means, once)
        except StillOpen as earlier:
            still_open = earlier.payment
        if still_open.next_action is None:
            break
        await give_up(till, still_open, access.actor_on(still_open.partner_id, caller))
    raise refusals.payment_in_progress(still_open)


async def _begin(
    till: Till, purchase: Purchase[RESULT], means: Means, once: Once[RESULT]
) -> Answer | Payment:
    """First transaction: the payment, and what it pays, before the provider hears of either."""
    async with till.database.transaction() as work:
        if answer := await once.replayed(work):
            return answer
        request = _request(once)
        if request and (known := await _begun_before(work, request)):
            return known
        payment, _ = advance(await purchase.opened(work, means), Action.BEGIN)
        await ledger.add(
            work.connection, payment, request=request, look_at=work.now + till.first_look
        )
        return payment


async def _answered(
    till: Till, begun: Payment, purchase: Purchase[RESULT], means: Means, once: Once[RESULT]
) -> Answer:
    """Last transaction: what became of it, kept for a repetition of the request."""
    async with till.database.transaction() as work:
        if answer := await once.replayed(work):
            return answer
        payment = await ledger.locked(work.connection, begun)
        if payment.status is PaymentStatus.FAILED:
            raise refusals.payment_failed(payment, pointer=means.pointer)
        return await once.answer(work, await purchase.became(work, payment))


async def _begun_before(work: Transaction, request: bytes) -> Payment | None:
    """Return the payment that this request began, and died before it could answer.

    Raises a Problem where another request of the same key began one that wasn't refused.
    """
    kept_since = work.now - timedelta(hours=KEEP_HOURS)
    for began, payment in await ledger.of_key(work.connection, request[:KEY_BYTES]):
        if began == request:
            return payment
        if payment.is_open:
            raise key_in_use()
        if payment.status is not PaymentStatus.FAILED and payment.created_at > kept_since:
            raise key_reused()
    return None


def _request(once: Once[RESULT]) -> bytes | None:
    """Name a request: first its key, and then what it asks for."""
    if once.key is None:
        return None
    parts = f"{once.owner} {once.key}".encode(), once.fingerprint
    return b"".join(hashlib.sha256(part).digest()[:KEY_BYTES] for part in parts)
