"""The HTTP face: body to command, result to body."""

from __future__ import annotations

from datetime import timedelta

from fastapi import APIRouter

from services.booking.routes import (
    bookings,
    facilities,
    history,
    holds,
    reminders,
    reports,
    series,
    special_days,
    workshops,
)
from shared.database import Database

_ROOMS = (workshops, facilities, special_days, bookings, series, reminders, history, reports)


def build(database: Database, *, hold_lasting: timedelta) -> APIRouter:
    """Make the routes over a database."""
    router = APIRouter()
    for room in _ROOMS:
        router.include_router(room.build(database))
    router.include_router(holds.build(database, hold_lasting))
    return router
