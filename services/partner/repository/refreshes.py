"""Loads and saves refresh tokens, by their hash alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.partner.domain.account import Role
from services.partner.domain.refresh import Presented
from services.partner.tables import clients, partners, refresh_families, refresh_tokens

FORGET_AFTER = timedelta(days=7)
"""How long a family is remembered after its end, so that a reuse is still told from nonsense."""


@dataclass(frozen=True, slots=True)
class Found:
    """A stored token, and whose it is."""

    family_id: str
    client_id: str
    partner_id: str
    scope: frozenset[Role]
    roles: frozenset[Role]
    presented: Presented


async def open_family(
    connection: AsyncConnection,
    family_id: str,
    client_id: str,
    scope: Iterable[Role],
    expires_at: datetime,
) -> None:
    """Begin the family of a login."""
    values = {
        "id": family_id,
        "client_id": client_id,
        "scope": sorted(scope),
        "expires_at": expires_at,
    }
    await connection.execute(insert(refresh_families), values)


async def add(connection: AsyncConnection, family_id: str, token_hash: bytes) -> None:
    """Save a family's next token."""
    values = {"hash": token_hash, "family_id": family_id}
    await connection.execute(insert(refresh_tokens), values)


async def find(connection: AsyncConnection, token_hash: bytes) -> Found | None:
    """Load and lock a token with its family: of two that come at once, one is the second."""
    query = (
        select(
            refresh_tokens.c.used_at,
            refresh_families,
            clients.c.partner_id,
            clients.c.revoked_at.label("client_revoked_at"),
            partners.c.active,
            partners.c.roles,
        )
        .join(refresh_families, refresh_families.c.id == refresh_tokens.c.family_id)
        .join(clients, clients.c.id == refresh_families.c.client_id)
        .join(partners, partners.c.id == clients.c.partner_id)
        .where(refresh_tokens.c.hash == token_hash)
        .with_for_update(of=[refresh_tokens, refresh_families])
    )
    row = (await connection.execute(query)).one_or_none()
    if row is None:
        return None
    return Found(
        family_id=row.id,
        client_id=row.client_id,
        partner_id=row.partner_id,
        scope=frozenset(Role(role) for role in row.scope),
        roles=frozenset(Role(role) for role in row.roles),
        presented=Presented(
            used=row.used_at is not None,
            family_revoked=row.revoked_at is not None,
            family_expires_at=row.expires_at,
            client_active=row.active and row.client_revoked_at is None,
        ),
    )


async def use(connection: AsyncConnection, token_hash: bytes, now: datetime) -> None:
    """Mark a token as used: it dies with that."""
    await connection.execute(
        update(refresh_tokens).where(refresh_tokens.c.hash == token_hash).values(used_at=now)
    )


async def revoke_family(connection: AsyncConnection, family_id: str, now: datetime) -> None:
    """Kill all that came of one login."""
    await connection.execute(
        update(refresh_families).where(refresh_families.c.id == family_id).values(revoked_at=now)
    )


async def forget(connection: AsyncConnection, now: datetime) -> int:
    """Delete families that ended long ago, their tokens with them."""
    ended = delete(refresh_families).where(refresh_families.c.expires_at < now - FORGET_AFTER)
    return (await connection.execute(ended)).rowcount
