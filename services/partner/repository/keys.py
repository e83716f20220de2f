"""Loads and saves signing keys."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.partner.tables import signing_keys


@dataclass(frozen=True, slots=True)
class StoredKey:
    """A signing key, its private half encrypted; one that retires only verifies until then."""

    id: str
    private_pem: str
    created_at: datetime
    retires_at: datetime | None


async def lock(connection: AsyncConnection) -> None:
    """Keep other processes from making or retiring keys until the transaction ends."""
    await connection.execute(text("SELECT pg_advisory_xact_lock(20261125)"))


async def in_force(connection: AsyncConnection, now: datetime) -> list[StoredKey]:
    """Load the keys that tokens may be signed by, the newest first."""
    query = (
        select(signing_keys)
        .where(or_(signing_keys.c.retires_at.is_(None), signing_keys.c.retires_at > now))
        .order_by(signing_keys.c.id.desc())
    )
    return [
        StoredKey(row.id, row.private_pem, row.created_at, row.retires_at)
        for row in await connection.execute(query)
    ]


async def add(connection: AsyncConnection, key: StoredKey) -> None:
    """Save a new key."""
    values = {"id": key.id, "private_pem": key.private_pem, "created_at": key.created_at}
    await connection.execute(insert(signing_keys), values)


async def retire_others(connection: AsyncConnection, key_id: str, at: datetime) -> None:
    """Have every other key verify until then, and sign no more."""
    await connection.execute(
        update(signing_keys)
        .where(signing_keys.c.id != key_id, signing_keys.c.retires_at.is_(None))
        .values(retires_at=at)
    )


async def forget(connection: AsyncConnection, now: datetime) -> int:
    """Delete the keys that are retired."""
    retired = delete(signing_keys).where(signing_keys.c.retires_at < now)
    return (await connection.execute(retired)).rowcount
