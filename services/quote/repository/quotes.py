"""Loads and saves quotes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Row,
    Select,
    Text,
    bindparam,
    cast,
    func,
    insert,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from services.quote.domain.quote import Asked, Contact, Item, Quote, Request, Status
from services.quote.domain.rate_card import Price
from services.quote.domain.vehicle import Registration, Vehicle, VehicleClass
from services.quote.tables.projections import workshops
from services.quote.tables.quotes import quote_items, quotes
from shared.auth import Caller
from shared.money import Money, Rounding

ANY = true()
"""For the service's own work, which is nobody's in particular."""


class Stale(Exception):
    """Somebody else changed the quote since it was loaded."""


def visible_to(caller: Caller) -> ColumnElement[bool]:
    """Limit quotes to the caller's own, and those asked of its workshops."""
    if caller.is_operator:
        return ANY
    own = quotes.c.partner_id == caller.partner_id
    if not caller.is_workshop:
        return own
    at_own = select(workshops.c.id).where(workshops.c.partner_id == caller.partner_id)
    return or_(own, quotes.c.workshop_id.in_(at_own))


# A quote and its lines by one statement: a sixth more quotes a second than by two.
PRICED = [field.name for field in fields(Price)]
_FIELDS = [column.name for column in quote_items.c]
_lines = (
    func.unnest(
        *(bindparam(f"lines_{each.name}", type_=ARRAY(each.type)) for each in quote_items.c)
    )
    .table_valued(*_FIELDS)
    .render_derived()
)
_quote_row = insert(quotes).values(
    {each.name: bindparam(f"quote_{each.name}", type_=each.type) for each in quotes.c}
)
_ADD = (
    insert(quote_items)
    .from_select(_FIELDS, select(*(_lines.c[name] for name in _FIELDS)))
    .add_cte(_quote_row.cte("quote"))
)


async def add(connection: AsyncConnection, quote: Quote) -> None:
    """Save a new quote with its lines."""
    lines = [_item_row(quote, number, item) for number, item in enumerate(quote.items)]
    row = {f"quote_{name}": value for name, value in _row(quote).items()}
    columns = {f"lines_{name}": [line[name] for line in lines] for name in _FIELDS}
    await connection.execute(_ADD, row | columns)


async def save(connection: AsyncConnection, quote: Quote) -> None:
    """Save what an action changed; raises Stale when it wasn't one step from what is stored."""
    statement = (
        update(quotes)
        .where(quotes.c.id == quote.id, quotes.c.sequence == quote.sequence - 1)
        .values(
            status=quote.status,
            sequence=quote.sequence,
            reason=quote.reason,
            order_id=quote.order_id,
        )
    )
    if (await connection.execute(statement)).rowcount != 1:
        raise Stale(quote.id)


async def load(
    connection: AsyncConnection, quote_id: str, visible: ColumnElement[bool], *, lock: bool = False
) -> Quote | None:
    """Load one quote if it is visible; `lock` holds it until the transaction ends."""
    query = select(quotes).where(quotes.c.id == quote_id, visible)
    found = await _quotes(connection, query.with_for_update() if lock else query)
    return found[0] if found else None


async def page(
    connection: AsyncConnection,
    conditions: Iterable[ColumnElement[bool]],
    *,
    before: str | None,
    limit: int,
) -> list[Quote]:
    """Load quotes, newest first."""
    query = select(quotes).where(*conditions).order_by(quotes.c.id.desc()).limit(limit)
    return await _quotes(connection, query.where(quotes.c.id < before) if before else query)


async def due_to_expire(connection: AsyncConnection, now: datetime, limit: int) -> list[Quote]:
    """Lock quotes whose time is up, leaving out those that another process is at."""
    query = (
        select(quotes)
        .where(
            quotes.c.status.in_([Status.PENDING, Status.AWAITING_PAYMENT]),
            quotes.c.expires_at <= now,
        )
        .order_by(quotes.c.expires_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return await _quotes(connection, query)


async def _quotes(connection: AsyncConnection, query: Select[Any]) -> list[Quote]:
    rows = (await connection.execute(query)).all()
    if not rows:
        return []
    lines: dict[str, list[Any]] = {row.id: [] for row in rows}
    found = await connection.execute(
        select(quote_items)
        .where(quote_items.c.quote_id == func.any(cast([row.id for row in rows], ARRAY(Text))))
        .order_by(quote_items.c.quote_id, quote_items.c.line)
    )
    for line in found:
        lines[line.quote_id].append(line)
    return [_quote(row, lines[row.id]) for row in rows]


def _row(quote: Quote) -> dict[str, Any]:
    request = quote.request
    return {
        "id": quote.id,
        "partner_id": quote.partner_id,
        "status": quote.status,
        "version": quote.version,
        "sequence": quote.sequence,
        "workshop_id": request.workshop_id,
        "deal_id": request.deal_id,
        "external_reference": request.external_reference,
        "vehicle": asdict(request.vehicle),
        "contact": asdict(request.contact) if request.contact else None,
        "needed_by": request.needed_by,
        "pre_authorized": request.pre_authorized.amount if request.pre_authorized else None,
        "currency": quote.currency,
        "rounding": quote.rounding,
        "checkout_url": quote.checkout_url,
        "order_id": quote.order_id,
        "reason": quote.reason,
        "created_at": quote.created_at,
        "expires_at": quote.expires_at,
        "estimated_completion_at": quote.estimated_completion_at,
    }


def _item_row(quote: Quote, line: int, item: Item) -> dict[str, Any]:
    return {
        "quote_id": quote.id,
        "line": line,
        "id": item.id,
        "service": item.asked.service,
        "description": item.description,
        "quantity": item.asked.quantity,
        "notes": item.asked.notes,
        "labour": item.price.labour.amount,
        "parts": item.price.parts.amount,
        "sublet": item.price.sublet.amount,
        "fees": item.price.fees.amount,
        "discount": item.price.discount.amount,
        "tax": item.price.tax.amount,
        "duration": item.duration,
        "authorization": item.authorization,
    }


def _quote(row: Row[Any], lines: Sequence[Row[Any]]) -> Quote:
    vehicle = dict(row.vehicle)
    registration = vehicle.pop("registration")
    pre_authorized = row.pre_authorized
    return Quote(
        id=row.id,
        partner_id=row.partner_id,
        status=Status(row.status),
        request=Request(
            vehicle=Vehicle(
                **vehicle | {"vehicle_class": VehicleClass(vehicle["vehicle_class"])},
                registration=Registration(**registration) if registration else None,
            ),
            items=[Asked(line.service, line.quantity, line.notes) for line in lines],
            workshop_id=row.workshop_id,
            deal_id=row.deal_id,
            needed_by=row.needed_by,
            external_reference=row.external_reference,
            contact=Contact(**row.contact) if row.contact else None,
            pre_authorized=None if pre_authorized is None else Money(pre_authorized, row.currency),
        ),
        items=tuple(_item(line, row.currency) for line in lines),
        currency=row.currency,
        rounding=Rounding(row.rounding),
        checkout_url=row.checkout_url,
        created_at=row.created_at,
        expires_at=row.expires_at,
        estimated_completion_at=row.estimated_completion_at,
        version=row.version,
        sequence=row.sequence,
        order_id=row.order_id,
        reason=row.reason,
    )


def _item(line: Row[Any], currency: str) -> Item:
    amounts = {name: Money(getattr(line, name), currency) for name in PRICED}
    return Item(
        id=line.id,
        asked=Asked(line.service, line.quantity, line.notes),
        description=line.description,
        price=Price(**amounts),
        duration=line.duration,
        authorization=line.authorization,
    )
