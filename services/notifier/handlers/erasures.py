"""Commands about erasures: an operator's alone."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from services.notifier.domain.erasure import Erased, Erasure, ErasureStatus, hashed
from services.notifier.repository import erasures
from shared.auth import Caller
from shared.database import Database
from shared.idempotency import Answer, Once
from shared.ids import new_id
from shared.problems import not_found


async def begin(
    database: Database,
    caller: Caller,
    keys: tuple[str, ...],
    wake: Callable[[], None],
    once: Once[Erasure],
) -> Answer:
    """Erase whoever has one of these keys: a customer's id, an address, a phone number."""
    lower, erasure_id = tuple(key.lower() for key in keys), new_id("era")
    keys_hash = await asyncio.to_thread(hashed, lower, erasure_id)
    async with database.transaction() as work:
        if answer := await once.replayed(work):
            return answer
        erasure = Erasure(
            id=erasure_id,
            keys=lower,
            keys_hash=keys_hash,
            requested_by=caller.partner_id,
            status=ErasureStatus.RUNNING,
            passes=0,
            found=0,
            position=0,
            digest="",
            erased=Erased(),
            created_at=work.now,
        )
        await erasures.add(work.connection, erasure)
        work.after_commit(wake)
        return await once.answer(work, erasure)


async def read(database: Database, erasure_id: str) -> Erasure:
    """Read the record of one; raises a 404 Problem."""
    async with database.reading() as connection:
        found = await erasures.find(connection, erasure_id)
    if found is None:
        raise not_found("erasure")
    return found


async def page(database: Database, *, before: str | None, limit: int) -> list[Erasure]:
    """Read the records, newest first."""
    async with database.reading() as connection:
        return await erasures.page(connection, before=before, limit=limit)
