"""What pages that take a payment have in common: who pays, how, and how long they are held back."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from services.order.domain.standing import Stage, Standing
from services.order.handlers.paying import Means
from shared.auth import Caller, Scope
from shared.idempotency import Answer, Once
from shared.prefer import until
from shared.problems import Problem, key_in_use

HELD_SECONDS = 5.0
"""How long a page that waits for a payment is held back, before it shows the same again."""

PAY_SECONDS = 3.0
AGAIN_SECONDS = 0.05


class Shown(Protocol):
    """What a page shows, and where it stands."""

    @property
    def standing(self) -> Standing: ...  # noqa: D102 - what the class says


SHOWN = TypeVar("SHOWN", bound=Shown)


@dataclass(frozen=True, slots=True)
class Paying:
    """A form that was sent: on whose behalf it pays, by what, and once however often it comes."""

    payer: Caller
    means: Means
    once: Once[Any]


def paying(partner_id: str, paid_id: str, token: str, attempt: str) -> Paying:
    """Read a form that pays what has this id, which is a partner's."""
    payer = Caller("checkout", partner_id, frozenset({Scope.PARTNER}))
    chosen = hashlib.sha256(f"{paid_id} {token}".encode()).digest()
    once: Once[Any] = Once(f"checkout {paid_id}", attempt, chosen, _seen)
    return Paying(payer, Means("card", token, "/card"), once)


async def shown(read: Callable[[], Awaitable[SHOWN]], *, held: bool) -> SHOWN:
    """Read what a page shows: if it is `held`, once its payment is decided."""

    async def decided() -> SHOWN | None:
        now = await read()
        return None if now.standing.stage is Stage.SETTLING else now

    found = await until(decided, HELD_SECONDS) if held else None
    return found or await read()


async def in_turn(pay: Callable[[], Awaitable[None]]) -> None:
    """Pay; a form that was sent twice waits for what comes of the first, as long as that may take.

    Else its page would be shown before anything of the first is there to be seen.
    """
    deadline = time.monotonic() + PAY_SECONDS
    while True:
        try:
            return await pay()
        except Problem as refused:
            if refused.code != key_in_use().code or time.monotonic() > deadline:
                raise
        await asyncio.sleep(AGAIN_SECONDS)


def _seen(_: object) -> Answer:
    """Keep no more than that it was done: the page shows how it stands by then."""
    return Answer(303, b"")
