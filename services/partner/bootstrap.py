"""The accounts that a new installation begins with, and a way in for each."""

from __future__ import annotations

from services.partner.domain.account import Role
from services.partner.handlers.accounts import made_client, opened
from services.partner.hashing import Hashing
from services.partner.repository import accounts
from services.partner.secrecy import draw_secret
from shared.database import Database

SAMPLES = {
    Role.OPERATOR: ("Roadworthy operator", "operator@example.com"),
    Role.PARTNER: ("Sample dealer", "dealer@example.com"),
    Role.WORKSHOP: ("Sample workshop", "workshop@example.com"),
}


async def ensure(database: Database) -> dict[str, dict[str, str]]:
    """Make a client for each of the sample accounts, which are made when they aren't there.

    Returns `{role: {"client_id", "client_secret"}}`; what it returned before stays good.
    """
    return {role: await way_in(database, role) for role in SAMPLES}


async def way_in(database: Database, role: Role) -> dict[str, str]:
    """Make one more client for a role's account, which is made when it isn't there."""
    name, email = SAMPLES[role]
    secret = draw_secret()
    secret_hash = await Hashing().hashed(secret)
    async with database.transaction() as work:
        account = await accounts.by_email(work.connection, email)
        account = account or await opened(work, name, email, frozenset({role}))
        client = await made_client(work, account.id, "made by the launcher", secret_hash)
    return {"client_id": client.id, "client_secret": secret}
