"""Visitors of the booking page, who may try things so often and no more."""

from __future__ import annotations

import math

from services.booking.domain.visitor import Deed, TooOften, check
from services.booking.repository import visitors
from shared.database import Database
from shared.problems import Problem


async def admit(database: Database, visitor: bytes, deed: Deed) -> None:
    """Count what a visitor tries; raises a 429 Problem when it is too often."""
    async with database.transaction() as work:
        count, since = await visitors.count(work.connection, visitor, deed, work.now)
        now = work.now
    try:
        check(deed, count, since, now)
    except TooOften as often:
        seconds = max(1, math.ceil(often.left.total_seconds()))
        detail = f"That was often. Try again in {seconds} seconds."
        raise Problem(429, "too-often", detail, headers={"Retry-After": str(seconds)}) from None


async def forget_visitors(database: Database) -> int:
    """Forget who tried what, as soon as it no longer counts."""
    async with database.transaction() as work:
        return await visitors.forget(work.connection, work.now)
