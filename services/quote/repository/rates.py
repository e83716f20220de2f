"""Finds the rates that are in force."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import ARRAY, Row, Select, Text, bindparam, cast, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.quote.domain import card as domain
from services.quote.domain.rate_card import Rate
from services.quote.domain.vehicle import VehicleClass
from services.quote.tables.base import MOMENT
from services.quote.tables.rates import cards, rates, versions
from shared.money import Money, Rounding

_NOW = bindparam("now", type_=MOMENT)


def rows() -> Select[Any]:
    """Begin a query of rates, each with what its card and version say of it."""
    about_them = (cards.c.service, cards.c.workshop_id, versions.c.title, versions.c.currency)
    return (
        select(rates, *about_them, versions.c.rounding)
        .join_from(rates, versions)
        .join(cards, cards.c.id == rates.c.card_id)
    )


_IN_FORCE = rows().where(
    rates.c.version == cards.c.version,
    or_(cards.c.workshop_id.is_(None), cards.c.workshop_id == bindparam("workshop_id", type_=Text)),
    or_(rates.c.valid_from.is_(None), rates.c.valid_from <= _NOW),
    or_(rates.c.valid_until.is_(None), rates.c.valid_until > _NOW),
)
_FITTING = _IN_FORCE.where(
    cards.c.service == func.any(bindparam("services", type_=ARRAY(Text))),
    or_(rates.c.vehicle_class == bindparam("own"), rates.c.vehicle_class == VehicleClass.ANY),
)


async def fitting(
    connection: AsyncConnection,
    services: Iterable[str],
    vehicle_class: VehicleClass,
    workshop_id: str | None,
    now: datetime,
) -> dict[str, Rate]:
    """Load each service's rate at a workshop for a class of vehicle, as far as there is one."""
    asked = {
        "services": list(services),
        "own": vehicle_class,
        "workshop_id": workshop_id,
        "now": now,
    }
    return domain.fitting(map(rate_of, await connection.execute(_FITTING, asked)))


async def known(connection: AsyncConnection, services: Iterable[str]) -> set[str]:
    """Tell which of these services have a card at all, wherever and for whatever vehicle."""
    asked = cast(list(services), ARRAY(Text))
    query = select(cards.c.service).where(cards.c.service == func.any(asked)).distinct()
    return set(await connection.scalars(query))


async def in_force(
    connection: AsyncConnection, workshop_id: str | None, now: datetime
) -> list[Rate]:
    """Load the rates in force, the general ones and a workshop's own, by service and class."""
    query = _IN_FORCE.order_by(cards.c.service, cards.c.workshop_id, rates.c.vehicle_class)
    found = await connection.execute(query, {"workshop_id": workshop_id, "now": now})
    return [rate_of(row) for row in found]


def rate_of(row: Row[Any]) -> Rate:
    """Read a row of `rows`."""

    def money(amount: int) -> Money:
        return Money(amount, row.currency)

    return Rate(
        service=row.service,
        title=row.title,
        vehicle_class=VehicleClass(row.vehicle_class),
        labour_hours=row.labour_hours,
        hourly_rate=money(row.hourly_rate),
        parts=money(row.parts),
        fees=money(row.fees),
        tax_rate=row.tax_rate,
        sublet=money(row.sublet),
        discount=money(row.discount),
        rounding=Rounding(row.rounding),
        own_tax=row.own_tax,
        by_person=row.by_person,
        workshop_id=row.workshop_id,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
    )
