"""Loads and saves customers."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, RowMapping, func, select, true, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.booking.domain.customer import Known, contact_of
from services.booking.domain.details import Customer
from services.booking.tables.customers import customers, opt_outs
from shared.auth import Caller

_CUSTOMER = TypeAdapter(Customer)


ANY = true()
"""For what acts on everybody's behalf."""


# Whoever unsubscribed is known by the hash of an address, whichever customers have it.
_ADDRESS = func.sha256(func.convert_to(func.lower(customers.c.customer["email"].astext), "UTF8"))
_UNSUBSCRIBED = (
    select(opt_outs)
    .where(
        opt_outs.c.partner_id == customers.c.partner_id,
        opt_outs.c.address_sha256 == func.encode(_ADDRESS, "hex"),
    )
    .exists()
)
_CUSTOMERS = select(customers, _UNSUBSCRIBED.label("unsubscribed"))


def visible_to(caller: Caller) -> ColumnElement[bool]:
    """Limit customers to the caller's own."""
    return ANY if caller.is_operator else customers.c.partner_id == caller.partner_id


async def keep(connection: AsyncConnection, new: Known, now: datetime) -> str:
    """Save how a customer is called now; returns its id, the new one or that it has.

    What it said of reminders stays, and its time zone until another is given.
    """
    row: dict[str, Any] = {
        "id": new.id,
        "partner_id": new.partner_id,
        "contact": contact_of(new.customer),
        "customer": _CUSTOMER.dump_python(new.customer, mode="json"),
        "time_zone": new.time_zone,
        "accepts_reminders": new.accepts_reminders,
        "created_at": now,
    }
    if known := await _as_it_stands(connection, row):
        return known
    statement = insert(customers).values(row)
    given = statement.excluded
    kept = statement.on_conflict_do_update(
        constraint="customers_contact",
        set_={
            "customer": given.customer,
            "time_zone": func.coalesce(given.time_zone, customers.c.time_zone),
        },
    )
    return str(await connection.scalar(kept.returning(customers.c.id)))


async def _as_it_stands(connection: AsyncConnection, row: dict[str, Any]) -> str | None:
    """Find a customer of whom nothing is new, without a lock.

    Those who write it down wait for each other till the end of their bookings, at whatever
    workshops, and would keep all in these workshops' lines waiting, too.
    """
    query = select(customers.c.id).where(
        customers.c.partner_id == row["partner_id"],
        customers.c.contact == row["contact"],
        customers.c.customer == row["customer"],
    )
    if row["time_zone"] is not None:
        query = query.where(customers.c.time_zone == row["time_zone"])
    found: str | None = await connection.scalar(query)
    return found


async def load(
    connection: AsyncConnection,
    customer_id: str,
    visible: ColumnElement[bool],
    *,
    lock: bool = False,
) -> Known | None:
    """Load one customer if it is visible."""
    query = _CUSTOMERS.where(customers.c.id == customer_id, visible)
    if lock:
        query = query.with_for_update(key_share=True, of=customers)
    row = (await connection.execute(query)).mappings().one_or_none()
    return _known(row) if row else None


async def by_contact(connection: AsyncConnection, partner_id: str, contact: str) -> Known | None:
    """Load the customer that a partner knows by this phone number or address."""
    query = _CUSTOMERS.where(customers.c.partner_id == partner_id, customers.c.contact == contact)
    row = (await connection.execute(query)).mappings().one_or_none()
    return _known(row) if row else None


async def save(connection: AsyncConnection, known: Known) -> None:
    """Save what a customer, loaded under a lock, wants now."""
    wants = {"time_zone": known.time_zone, "accepts_reminders": known.accepts_reminders}
    await connection.execute(update(customers).where(customers.c.id == known.id).values(wants))


async def opt_out(connection: AsyncConnection, partner_id: str, address_sha256: str) -> None:
    """Keep that somebody ended a partner's reminders."""
    row = {"partner_id": partner_id, "address_sha256": address_sha256}
    await connection.execute(insert(opt_outs).values(row).on_conflict_do_nothing())


def _known(row: RowMapping) -> Known:
    return Known(
        row["id"],
        row["partner_id"],
        _CUSTOMER.validate_python(row["customer"]),
        row["time_zone"],
        row["accepts_reminders"] and not row["unsubscribed"],
        row["unsubscribed"],
    )
