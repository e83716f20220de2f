"""Loads and saves the rate card."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ARRAY, Row, Text, bindparam, delete, func, insert, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.quote.domain.rate_card import Rate
from services.quote.domain.vehicle import VehicleClass
from services.quote.tables.rates import rates
from shared.money import Money

_FITTING = select(rates).where(
    rates.c.service == func.any(bindparam("services", type_=ARRAY(Text))),
    or_(rates.c.vehicle_class == bindparam("own"), rates.c.vehicle_class == VehicleClass.ANY),
)


async def fitting(
    connection: AsyncConnection, services: Iterable[str], vehicle_class: VehicleClass
) -> dict[str, Rate]:
    """Load each service's rate for a class of vehicle, or else the one for any."""
    asked = {"services": list(services), "own": vehicle_class}
    found = [_rate(row) for row in await connection.execute(_FITTING, asked)]
    found.sort(key=lambda rate: rate.vehicle_class is not VehicleClass.ANY)
    return {rate.service: rate for rate in found}


async def of(connection: AsyncConnection, service: str) -> list[Rate]:
    """Load a service's rates, one for each class of vehicle."""
    query = select(rates).where(rates.c.service == service).order_by(rates.c.vehicle_class)
    return [_rate(row) for row in await connection.execute(query)]


async def whole_card(connection: AsyncConnection) -> list[Rate]:
    """Load the whole rate card."""
    query = select(rates).order_by(rates.c.service, rates.c.vehicle_class)
    return [_rate(row) for row in await connection.execute(query)]


async def put(connection: AsyncConnection, service: str, card: Sequence[Rate]) -> None:
    """Replace a service's rates."""
    await connection.execute(delete(rates).where(rates.c.service == service))
    await connection.execute(insert(rates), [_rate_row(rate) for rate in card])


def _rate(row: Row[Any]) -> Rate:
    return Rate(
        service=row.service,
        title=row.title,
        vehicle_class=VehicleClass(row.vehicle_class),
        labour_hours=row.labour_hours,
        hourly_rate=Money(row.hourly_rate, row.currency),
        parts=Money(row.parts, row.currency),
        fees=Money(row.fees, row.currency),
        tax_rate=row.tax_rate,
    )


def _rate_row(rate: Rate) -> dict[str, Any]:
    return {
        "service": rate.service,
        "vehicle_class": rate.vehicle_class,
        "title": rate.title,
        "labour_hours": rate.labour_hours,
        "hourly_rate": rate.hourly_rate.amount,
        "parts": rate.parts.amount,
        "fees": rate.fees.amount,
        "tax_rate": rate.tax_rate,
        "currency": rate.hourly_rate.currency,
    }
