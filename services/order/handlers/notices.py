"""A provider's notice: a hint to look at a payment now, never a statement that is believed."""

from __future__ import annotations

from services.order.repository import ledger
from shared.database import Database


async def look_again(database: Database, payment_id: str) -> None:
    """Have the settling worker look at a payment at once, if something is still due of it."""
    async with database.transaction() as work:
        await ledger.look_now(work.connection, payment_id, work.now)
