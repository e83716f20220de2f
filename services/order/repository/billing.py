"""Who issues invoices and to whom, and the numbers that are given to them."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.order.domain.issuer import Buyer, Issuer, Kind, Party, numbered
from services.order.tables.billing import billing_accounts, issuer
from services.order.tables.invoices import invoice_series


async def the_issuer(connection: AsyncConnection) -> Issuer:
    """Load who issues invoices."""
    row = (await connection.execute(select(issuer))).one()
    return Issuer(
        party=Party(name=row.name, **row.details),
        invoice_prefix=row.invoice_prefix,
        credit_note_prefix=row.credit_note_prefix,
        due_days=row.due_days,
        time_zone=row.time_zone,
        bank_account=row.bank_account,
    )


async def put_issuer(connection: AsyncConnection, new: Issuer, now: datetime) -> None:
    """Replace who issues invoices, from the next one on."""
    details = new.party.as_dict()
    values = {
        "name": details.pop("name"),
        "details": details,
        "invoice_prefix": new.invoice_prefix,
        "credit_note_prefix": new.credit_note_prefix,
        "due_days": new.due_days,
        "time_zone": new.time_zone,
        "bank_account": new.bank_account,
        "updated_at": now,
    }
    await connection.execute(update(issuer).values(values))


async def find_buyer(connection: AsyncConnection, partner_id: str) -> Buyer | None:
    """Load a partner as a customer, if it has a customer number yet."""
    query = select(billing_accounts).where(billing_accounts.c.partner_id == partner_id)
    row = (await connection.execute(query)).one_or_none()
    if row is None:
        return None
    party = Party(**row.details) if row.details else Party(row.name or partner_id, email=row.email)
    return Buyer(row.customer_number, party)


async def buyer(connection: AsyncConnection, partner_id: str) -> Buyer:
    """Load a partner as a customer, giving it a customer number when it has none."""
    found = await find_buyer(connection, partner_id)
    while found is None:
        new = insert(billing_accounts).values(partner_id=partner_id)
        await connection.execute(new.on_conflict_do_nothing(index_elements=["partner_id"]))
        found = await find_buyer(connection, partner_id)
    return found


async def put_details(
    connection: AsyncConnection, partner_id: str, details: Party, now: datetime
) -> None:
    """Keep how invoices are made out to a partner, from the next one on."""
    new = insert(billing_accounts).values(
        partner_id=partner_id, details=asdict(details), updated_at=now
    )
    set_ = {"details": new.excluded.details, "updated_at": new.excluded.updated_at}
    await connection.execute(new.on_conflict_do_update(index_elements=["partner_id"], set_=set_))


async def keep_account(
    connection: AsyncConnection, partner_id: str, *, name: str, email: str, sequence: int
) -> None:
    """Keep what an account is called, unless what is kept is newer."""
    row = {"partner_id": partner_id, "name": name, "email": email, "sequence": sequence}
    new = insert(billing_accounts).values(row)
    await connection.execute(
        new.on_conflict_do_update(
            index_elements=["partner_id"],
            set_={each: new.excluded[each] for each in ("name", "email", "sequence")},
            where=billing_accounts.c.sequence < new.excluded.sequence,
        )
    )


async def next_number(
    connection: AsyncConnection, partner_id: str, kind: Kind, issuer: Issuer, now: datetime
) -> tuple[str, Buyer]:
    """Give the next number of a partner's series, and say who it is for.

    The series' row is locked until the transaction ends: nobody gets the next number before this
    one's document is there, and one that is rolled back is given again.
    """
    series = issuer.series(kind, now)
    customer = await buyer(connection, partner_id)
    new = insert(invoice_series).values(partner_id=partner_id, series=series, last=1)
    place = await connection.scalar(
        new.on_conflict_do_update(
            index_elements=["partner_id", "series"], set_={"last": invoice_series.c.last + 1}
        ).returning(invoice_series.c.last)
    )
    return numbered(series, customer, place), customer
