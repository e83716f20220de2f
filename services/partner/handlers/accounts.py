"""Accounts and their clients."""

from __future__ import annotations

from dataclasses import dataclass

from services.partner import outgoing
from services.partner.domain.account import Account, AccountEvent, ApiClient, Role, change
from services.partner.repository import accounts
from services.partner.secrecy import ClientSecrets
from shared.auth import Caller
from shared.database import Database, Transaction
from shared.idempotency import Answer, Once
from shared.ids import new_id
from shared.problems import not_found


@dataclass(frozen=True, slots=True)
class NewClient:
    """A client just made, and its secret, sealed: what is kept of the answer that shows it."""

    client: ApiClient
    sealed_secret: str


async def create(
    database: Database, name: str, email: str, roles: frozenset[Role], once: Once[Account]
) -> Answer:
    """Open an account."""
    async with database.transaction() as work:
        if answer := await once.replayed(work):
            return answer
        account = await opened(work, name, email, roles)
        return await once.answer(work, account)


async def opened(work: Transaction, name: str, email: str, roles: frozenset[Role]) -> Account:
    """Open an account within a transaction."""
    account = Account(new_id("par"), name, email, roles, work.now)
    await accounts.add(work.connection, account)
    work.publish(outgoing.event(account, AccountEvent.CREATED))
    return account


async def update(
    database: Database,
    account_id: str,
    *,
    name: str | None,
    email: str | None,
    active: bool | None,
) -> Account:
    """Change what is given; raises a 404 Problem for no such account."""
    async with database.transaction() as work:
        account = await accounts.load(work.connection, account_id, lock=True)
        if account is None:
            raise not_found("partner")
        changed = change(account, name=name, email=email, active=active)
        if changed is None:
            return account
        await accounts.save(work.connection, changed)
        work.publish(outgoing.event(changed, AccountEvent.UPDATED))
        return changed


async def read(database: Database, caller: Caller, account_id: str) -> Account:
    """Read an account; raises a 404 Problem for any but the caller's own, operators apart."""
    async with database.reading() as connection:
        account = await accounts.load(connection, account_id)
    if account is None or not caller.owns(account.id):
        raise not_found("partner")
    return account


async def page(database: Database, *, before: str | None, limit: int) -> list[Account]:
    """Read accounts, newest first."""
    async with database.reading() as connection:
        return await accounts.page(connection, before=before, limit=limit)


async def create_client(
    database: Database,
    secrets: ClientSecrets,
    account_id: str,
    description: str | None,
    once: Once[NewClient],
) -> Answer:
    """Make an API client; raises a 404 Problem for no such account."""
    # Before the transaction: hashing takes tens of milliseconds.
    secret = await secrets.new()
    async with database.transaction() as work:
        if answer := await once.replayed(work):
            return answer
        if await accounts.load(work.connection, account_id) is None:
            raise not_found("partner")
        client = await made_client(work, account_id, description, secret.hashed)
        return await once.answer(work, NewClient(client, secret.sealed))


async def made_client(
    work: Transaction, account_id: str, description: str | None, secret_hash: str
) -> ApiClient:
    """Make an API client within a transaction."""
    client = ApiClient(new_id("cli"), account_id, description, work.now, None)
    await accounts.add_client(work.connection, client, secret_hash)
    return client


async def clients_of(
    database: Database, account_id: str, *, before: str | None, limit: int
) -> list[ApiClient]:
    """Read an account's clients, newest first; raises a 404 Problem for no such account."""
    async with database.reading() as connection:
        if await accounts.load(connection, account_id) is None:
            raise not_found("partner")
        return await accounts.clients_of(connection, account_id, before=before, limit=limit)


async def revoke_client(database: Database, account_id: str, client_id: str) -> None:
    """Revoke a client, and so its refresh tokens; raises a 404 Problem for none of this id."""
    async with database.transaction() as work:
        if not await accounts.revoke_client(work.connection, account_id, client_id, work.now):
            raise not_found("client")
