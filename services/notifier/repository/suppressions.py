"""Addresses that are not there, and people who want no reminders."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import RowMapping, delete, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.notifier.tables import opt_outs, suppressions

# A mail without a recipient went to its account's own address.
_SENT = text("""
SELECT EXISTS (
    SELECT FROM emails JOIN messages USING (event_id)
    LEFT JOIN partners ON partners.id = messages.partner_id
    WHERE emails.event_id = :event_id AND channel = 'mail'
      AND lower(coalesce(recipient, partners.email)) = :address
)
""")
_BOUNCED = text("""
UPDATE emails SET status = 'failed', error = :error
WHERE event_id = :event_id AND channel = 'mail' AND status IN ('queued', 'sent')
""")


def hashed(address: str) -> str:
    """Name an address without saying it."""
    return hashlib.sha256(address.lower().encode()).hexdigest()


async def suppress(
    connection: AsyncConnection, address: str, reason: str, detail: str, now: datetime
) -> None:
    """Write to an address no more; the first reason stays."""
    row = {"address": address.lower(), "reason": reason, "detail": detail[:500], "created_at": now}
    await connection.execute(insert(suppressions).values(**row).on_conflict_do_nothing())


async def was_sent(connection: AsyncConnection, event_id: str, address: str) -> bool:
    """Tell whether the mail about this event was one to this address."""
    named = {"event_id": event_id, "address": address.lower()}
    return bool(await connection.scalar(_SENT, named))


async def bounced(connection: AsyncConnection, event_id: str, error: str) -> None:
    """Note of a mail that was sent that it came back."""
    await connection.execute(_BOUNCED, {"event_id": event_id, "error": error[:500]})


async def lift(connection: AsyncConnection, address: str) -> bool:
    """Write to an address again; tell whether it was suppressed."""
    lifted = await connection.execute(
        delete(suppressions).where(suppressions.c.address == address.lower())
    )
    return lifted.rowcount == 1


async def page(
    connection: AsyncConnection, *, after: str | None, limit: int
) -> Sequence[RowMapping]:
    """List addresses, in their order."""
    statement = select(suppressions).order_by(suppressions.c.address).limit(limit)
    if after is not None:
        statement = statement.where(suppressions.c.address > after)
    return (await connection.execute(statement)).mappings().all()


async def opt_out(
    connection: AsyncConnection, partner_id: str, address: str, now: datetime
) -> bool:
    """Send somebody no more reminders and review requests; tell whether that is new."""
    row = {"partner_id": partner_id, "address_hash": hashed(address), "created_at": now}
    kept = await connection.execute(insert(opt_outs).values(**row).on_conflict_do_nothing())
    return kept.rowcount == 1


async def forget(connection: AsyncConnection, addresses: Sequence[str]) -> None:
    """Take addresses off the list, as an erasure has to; an opt-out stays, as a hash."""
    await connection.execute(
        delete(suppressions).where(suppressions.c.address.in_(list(addresses)))
    )
