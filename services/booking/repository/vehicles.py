"""What is known of a vehicle from a tenant's bookings of it."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Text, literal_column, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.booking.domain.booking import Status
from services.booking.domain.details import Car
from services.booking.domain.odometer import Reading
from services.booking.tables.bookings import bookings

# As the indexes have them: with a parameter for the path they wouldn't be found.
_vin: ColumnElement[str] = literal_column("(car #>> '{vin}')", Text)
_plate: ColumnElement[str] = literal_column("(car #>> '{registration,plate}')", Text)
_country: ColumnElement[str] = literal_column("(car #>> '{registration,country}')", Text)
LATEST = 100
"""Bookings of a vehicle that are asked for what its odometer showed."""


def has_vin(vin: str) -> ColumnElement[bool]:
    """Limit bookings to those of the vehicle with this VIN."""
    return _vin == vin


def has_plate(plate: str, country: str | None = None) -> ColumnElement[bool]:
    """Limit bookings to those of vehicles with this plate, of one country if it is named."""
    if country is None:
        return _plate == plate
    return (_plate == plate) & (_country == country)


async def readings(
    connection: AsyncConnection, partner_id: str, car: Car, *, except_for: str | None = None
) -> Sequence[Reading]:
    """Load what a vehicle's odometer showed at a partner's latest bookings of it, oldest first."""
    registration = car.registration
    same = has_vin(car.vin) if car.vin else has_plate(registration.plate)
    # Of what passes for a vehicle there may be any number, such as a dealer's plate for all cars:
    # nothing but what the index has limits what is read.
    latest = (
        select(bookings)
        .where(same, bookings.c.partner_id == partner_id)
        .order_by(bookings.c.id.desc())
        .limit(LATEST)
        .subquery()
    )
    kilometres = latest.c.car["mileage"].as_integer()
    query = (
        select(latest.c.drop_off_at, kilometres)
        .where(kilometres.is_not(None))
        .where(latest.c.status.in_(Status), latest.c.status != Status.CANCELLED)
        .order_by(latest.c.drop_off_at)
    )
    if not car.vin:
        query = query.where(
            latest.c.car[("registration", "country")].astext == registration.country
        )
    if except_for is not None:
        query = query.where(latest.c.id != except_for)
    rows = await connection.execute(query)
    return [Reading(at, kilometres) for at, kilometres in rows]
