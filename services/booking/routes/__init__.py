"""The HTTP face: body to command, result to body."""

from __future__ import annotations

from fastapi import APIRouter

from services.booking.routes import bookings, facilities, workshops
from shared.database import Database


def build(database: Database) -> APIRouter:
    """Make the routes over a database."""
    router = APIRouter()
    for room in (workshops, facilities, bookings):
        router.include_router(room.build(database))
    return router
