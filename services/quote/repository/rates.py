"""Finds the rates that are in force."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import ARRAY, Select, Text, bindparam, cast, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.quote.domain import card as domain
from services.quote.domain.rate_card import Rate
from services.quote.domain.tax import Tax
from services.quote.domain.vehicle import VehicleClass
from services.quote.repository import taxes
from services.quote.tables.base import MOMENT
from services.quote.tables.rates import cards, rates, versions
from shared.money import Money, Rounding
from shared.statements import Prepared


class Fields(Protocol):
    """A row, SQLAlchemy's or the driver's, whose columns are asked for by name."""

    def __getitem__(self, name: str, /) -> Any:
        """Return what a column has."""
        ...


_NOW = bindparam("now", type_=MOMENT)
_WORKSHOP = bindparam("workshop_id", type_=Text)


def rows() -> Select[Any]:
    """Begin a query of rates, each with what its card and version say of it."""
    about_them = (cards.c.service, cards.c.workshop_id, versions.c.title, versions.c.currency)
    return (
        select(rates, *about_them, versions.c.rounding)
        .join_from(rates, versions)
        .join(cards, cards.c.id == rates.c.card_id)
    )


_IN_FORCE = rows().where(
    or_(cards.c.workshop_id.is_(None), cards.c.workshop_id == _WORKSHOP),
    or_(rates.c.valid_from.is_(None), rates.c.valid_from <= _NOW),
    or_(rates.c.valid_until.is_(None), rates.c.valid_until > _NOW),
)
_FITTING = Prepared(
    _IN_FORCE.where(
        rates.c.version == cards.c.version,
        cards.c.service == func.any(bindparam("services", type_=ARRAY(Text))),
        rates.c.vehicle_class.in_([bindparam("own", type_=Text), bindparam("any", type_=Text)]),
    )
)
_recorded = versions.alias()
_AT = _IN_FORCE.where(
    rates.c.version
    == select(func.max(_recorded.c.version))
    .where(_recorded.c.card_id == cards.c.id, _recorded.c.recorded_at <= _NOW)
    .scalar_subquery()
).order_by(cards.c.service, cards.c.workshop_id, rates.c.vehicle_class)


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
        "any": VehicleClass.ANY,
        "workshop_id": workshop_id,
        "now": now,
    }
    found = await _FITTING.rows(connection, asked)
    levied = await taxes.levied_at(connection, workshop_id, now)
    return domain.fitting(_levied(row, levied) for row in found)


async def known(
    connection: AsyncConnection, services: Iterable[str], workshop_id: str | None
) -> set[str]:
    """Tell which of these services have a card at a workshop, for whatever vehicle and time."""
    query = select(cards.c.service).where(
        cards.c.service == func.any(cast(list(services), ARRAY(Text))),
        or_(cards.c.workshop_id.is_(None), cards.c.workshop_id == workshop_id),
    )
    return set(await connection.scalars(query))


async def in_force(
    connection: AsyncConnection, workshop_id: str | None, moment: datetime
) -> list[Rate]:
    """Load the rates of a moment, general ones and a workshop's own, by service and class.

    They are those of the versions that were recorded by then.
    """
    found = await connection.execute(_AT, {"workshop_id": workshop_id, "now": moment})
    levied = await taxes.levied_at(connection, workshop_id, moment)
    return [_levied(row, levied) for row in found.mappings()]


def _levied(row: Fields, levied: tuple[Tax, ...]) -> Rate:
    return rate_of(row, levied, row["card_id"], row["version"])


def rate_of(
    row: Fields,
    levied: tuple[Tax, ...] = (),
    card_id: str | None = None,
    card_version: int | None = None,
) -> Rate:
    """Read a row of `rows`; whose it is and what is levied only matter to what it prices."""

    def money(amount: int) -> Money:
        return Money(amount, row["currency"])

    return Rate(
        service=row["service"],
        title=row["title"],
        vehicle_class=VehicleClass(row["vehicle_class"]),
        labour_hours=row["labour_hours"],
        hourly_rate=money(row["hourly_rate"]),
        parts=money(row["parts"]),
        fees=money(row["fees"]),
        tax_rate=row["tax_rate"],
        sublet=money(row["sublet"]),
        discount=money(row["discount"]),
        rounding=Rounding(row["rounding"]),
        own_tax=row["own_tax"],
        by_person=row["by_person"],
        workshop_id=row["workshop_id"],
        valid_from=row["valid_from"],
        valid_until=row["valid_until"],
        levied=levied,
        card_id=card_id,
        card_version=card_version,
    )
