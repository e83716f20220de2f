"""Whose rates a caller may read and set: everybody's general ones, a workshop's own."""

from __future__ import annotations

from services.quote.outgoing.cards import PLATFORM
from services.quote.repository import projections
from shared.auth import Caller, Scope
from shared.database import Database
from shared.prefer import until
from shared.problems import Problem, not_found


async def readable(database: Database, caller: Caller, workshop_id: str | None) -> None:
    """Raise a 404 Problem unless the caller may see the workshop; every partner may."""
    if workshop_id is not None:
        account = await _account(database, workshop_id)
        if account is None or not (Scope.PARTNER in caller.scopes or caller.owns(account)):
            raise not_found("workshop")


async def settable(database: Database, caller: Caller, workshop_id: str | None, wait: float) -> str:
    """Name the account whose rates they are, with `platform` for the general ones.

    Raises a Problem: 403 for the general ones, 404 for another's workshop. One that was opened a
    moment ago is waited for.
    """
    if workshop_id is None:
        if not caller.is_operator:
            detail = "The general rates are the operator's: name a workshop of yours."
            raise Problem(403, "general-rates", detail)
        return PLATFORM

    async def own() -> str | None:
        account = await _account(database, workshop_id)
        return account if account and caller.owns(account) else None

    # Another's is waited for as well: how long it takes must not tell that it is there.
    account = await until(own, wait)
    if account is None:
        raise not_found("workshop")
    return account


async def _account(database: Database, workshop_id: str) -> str | None:
    async with database.reading() as connection:
        accounts = await projections.accounts(connection, [workshop_id])
    return accounts.get(workshop_id)
