"""Loads and saves the rate card."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Row, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.quote.domain.rate_card import Rate
from services.quote.domain.vehicle import VehicleClass
from services.quote.tables import rates
from shared.money import Money


async def of(connection: AsyncConnection, services: Iterable[str]) -> list[Rate]:
    """Load the rates of some services, for every class of vehicle."""
    query = select(rates).where(rates.c.service.in_(list(services)))
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
