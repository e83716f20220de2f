"""Who gets a connection next: each account in its turn, whoever of it came first.

A line of its own for each account: one that asks a thousand times at once waits behind itself, and
the others as if it had asked once. Decision 31 has the reasoning.
"""

from __future__ import annotations

import asyncio
from collections import Counter, OrderedDict, deque
from contextlib import suppress

from sqlalchemy.exc import TimeoutError as PoolTimeout

from shared import context
from shared.problems import Problem

MOST_WAITING = 1_000
"""How many of an account's commands wait in a process."""


class Turns:
    """So many places; an account has half of them at the most, our own work may have them all.

    Whose commands all wait for something of its own, such as a line at one workshop, keeps nobody
    else waiting.
    """

    def __init__(self, places: int) -> None:
        self._free = places
        self._most = max(1, places // 2)
        self._held: Counter[str] = Counter()
        self._lines: OrderedDict[str, deque[asyncio.Future[None]]] = OrderedDict()
        """Those who wait, by account; the account at the beginning is next."""

    async def enter(self, seconds: float) -> str:
        """Wait for a place; return whose it is, which has to leave.

        Raises SQLAlchemy's TimeoutError where none is to be had in time, and a 429 Problem where
        too many of the account wait by then.
        """
        account = context.account() or ""
        if self._may_enter(account):
            self._let_in(account)
        else:
            await self._stand_in_line(account, seconds)
        return account

    def leave(self, account: str) -> None:
        """Let in whoever is next."""
        self._free += 1
        self._held[account] -= 1
        if not self._held[account]:
            del self._held[account]
        while (following := next(filter(self._may_enter, self._lines), None)) is not None:
            line = self._lines[following]
            turn = line.popleft()
            if line:
                self._lines.move_to_end(following)
            else:
                del self._lines[following]
            if not turn.done():
                self._let_in(following)
                turn.set_result(None)

    def _may_enter(self, account: str) -> bool:
        return self._free > 0 and (not account or self._held[account] < self._most)

    def _let_in(self, account: str) -> None:
        self._free -= 1
        self._held[account] += 1

    async def _stand_in_line(self, account: str, seconds: float) -> None:
        line = self._lines.setdefault(account, deque())
        if account and len(line) >= MOST_WAITING:
            raise _too_many()
        turn = asyncio.get_running_loop().create_future()
        line.append(turn)
        try:
            async with asyncio.timeout(seconds):
                await turn
        except BaseException as error:
            if turn.cancelled():
                self._give_up(account, turn)
            else:  # it was let in just then
                self.leave(account)
            if isinstance(error, TimeoutError):
                raise PoolTimeout(f"no connection was free in {seconds} s") from error
            raise

    def _give_up(self, account: str, turn: asyncio.Future[None]) -> None:
        line = self._lines.get(account, deque())
        with suppress(ValueError):  # it was passed by already
            line.remove(turn)
        if not line:
            self._lines.pop(account, None)


def _too_many() -> Problem:
    detail = f"{MOST_WAITING:,} requests of yours are waiting already. Send fewer at once."
    return Problem(429, "too-many-at-once", detail, headers={"Retry-After": "1"})
