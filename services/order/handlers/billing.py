"""Who issues invoices, and to whom they are made out: from the next invoice on."""

from __future__ import annotations

from services.order.domain.issuer import Buyer, Issuer, Party
from services.order.repository import billing
from shared.auth import Caller
from shared.database import Database


async def read_issuer(database: Database) -> Issuer:
    """Read who issues invoices."""
    async with database.reading() as connection:
        return await billing.the_issuer(connection)


async def put_issuer(database: Database, issuer: Issuer) -> Issuer:
    """Set who issues invoices; what was issued stays as it was."""
    async with database.transaction() as work:
        await billing.put_issuer(work.connection, issuer, work.now)
    return issuer


async def read_details(database: Database, caller: Caller) -> Buyer | None:
    """Read how invoices are made out to the caller's account, if it is a customer yet."""
    async with database.reading() as connection:
        return await billing.find_buyer(connection, caller.partner_id)


async def put_details(database: Database, caller: Caller, details: Party) -> Buyer:
    """Set how invoices are made out to the caller's account."""
    async with database.transaction() as work:
        await billing.put_details(work.connection, caller.partner_id, details, work.now)
        return await billing.buyer(work.connection, caller.partner_id)
