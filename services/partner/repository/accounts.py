"""Loads and saves accounts and their clients."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.partner.domain.account import Account, ApiClient, Role
from services.partner.tables import clients, partners


@dataclass(frozen=True, slots=True)
class Login:
    """What a client's authentication is checked against."""

    client_id: str
    secret_hash: str
    account: Account
    active: bool


async def add(connection: AsyncConnection, account: Account) -> None:
    """Save a new account."""
    values = {
        "id": account.id,
        "name": account.name,
        "email": account.email,
        "roles": sorted(account.roles),
        "active": account.active,
        "sequence": account.sequence,
        "created_at": account.created_at,
    }
    await connection.execute(insert(partners), values)


async def save(connection: AsyncConnection, account: Account) -> None:
    """Save a changed account; it was locked when it was loaded."""
    await connection.execute(
        update(partners)
        .where(partners.c.id == account.id)
        .values(
            name=account.name,
            email=account.email,
            active=account.active,
            sequence=account.sequence,
        )
    )


async def load(
    connection: AsyncConnection, account_id: str, *, lock: bool = False
) -> Account | None:
    """Load one account; `lock` holds it until the transaction ends."""
    query = select(partners).where(partners.c.id == account_id)
    row = (await connection.execute(query.with_for_update() if lock else query)).one_or_none()
    return _account(row) if row else None


async def by_email(connection: AsyncConnection, email: str) -> Account | None:
    """Load the oldest account with this address."""
    query = select(partners).where(partners.c.email == email).order_by(partners.c.id).limit(1)
    row = (await connection.execute(query)).one_or_none()
    return _account(row) if row else None


async def page(connection: AsyncConnection, *, before: str | None, limit: int) -> list[Account]:
    """Load accounts, newest first."""
    query = select(partners).order_by(partners.c.id.desc()).limit(limit)
    rows = await connection.execute(query.where(partners.c.id < before) if before else query)
    return [_account(row) for row in rows]


async def add_client(connection: AsyncConnection, client: ApiClient, secret_hash: str) -> None:
    """Save a new client."""
    values = {
        "id": client.id,
        "partner_id": client.partner_id,
        "description": client.description,
        "secret_hash": secret_hash,
        "created_at": client.created_at,
    }
    await connection.execute(insert(clients), values)


async def clients_of(
    connection: AsyncConnection, account_id: str, *, before: str | None, limit: int
) -> list[ApiClient]:
    """Load an account's clients, newest first."""
    query = (
        select(clients)
        .where(clients.c.partner_id == account_id)
        .order_by(clients.c.id.desc())
        .limit(limit)
    )
    return [
        ApiClient(row.id, row.partner_id, row.description, row.created_at, row.revoked_at)
        for row in await connection.execute(query.where(clients.c.id < before) if before else query)
    ]


async def revoke_client(
    connection: AsyncConnection, account_id: str, client_id: str, now: datetime
) -> bool:
    """Revoke a client for good, once; False when the account has none of this id."""
    statement = (
        update(clients)
        .where(clients.c.id == client_id, clients.c.partner_id == account_id)
        .values(revoked_at=func.coalesce(clients.c.revoked_at, now))
    )
    return (await connection.execute(statement)).rowcount == 1


async def login(connection: AsyncConnection, client_id: str) -> Login | None:
    """Load what a client's authentication is checked against."""
    query = (
        select(clients.c.secret_hash, clients.c.revoked_at, partners)
        .join(partners, partners.c.id == clients.c.partner_id)
        .where(clients.c.id == client_id)
    )
    row = (await connection.execute(query)).one_or_none()
    if row is None:
        return None
    account = _account(row)
    return Login(client_id, row.secret_hash, account, account.active and row.revoked_at is None)


def _account(row: Row[Any]) -> Account:
    return Account(
        id=row.id,
        name=row.name,
        email=row.email,
        roles=frozenset(Role(role) for role in row.roles),
        created_at=row.created_at,
        active=row.active,
        sequence=row.sequence,
    )
