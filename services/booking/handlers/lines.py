"""Who goes on to a workshop's line: few at a time, so that not all connections stand in it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from services.booking.repository import bookings
from shared.database import Database

ROOM = 2
"""One is at it, and the next one is near."""


@asynccontextmanager
async def at_workshop(database: Database, workshop_id: str) -> AsyncIterator[None]:
    """Wait, without a connection, until few are before one at a workshop."""
    async with database.line(f"workshop {workshop_id}", room=ROOM):
        yield


@asynccontextmanager
async def of_series(database: Database, workshop_id: str) -> AsyncIterator[None]:
    """Wait so to make a series: they take long, and one at a time leaves room for other visits."""
    async with database.line(f"series {workshop_id}", room=1), at_workshop(database, workshop_id):
        yield


@asynccontextmanager
async def of_booking(database: Database, booking_id: str) -> AsyncIterator[None]:
    """Wait so at the workshop of a booking, or of a hold."""
    async with database.reading() as connection:
        workshop_id = await bookings.workshop_of(connection, booking_id)
    async with at_workshop(database, workshop_id or ""):
        yield
