"""The HTTP face: body to command, result to body."""

from __future__ import annotations

from datetime import timedelta

from fastapi import APIRouter

from services.booking.routes import (
    book,
    booking_links,
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
from services.booking.routes.book.desk import Desk
from services.booking.sealing import Seals
from shared.database import Database
from shared.routing import side_by_side

_ROOMS = (facilities, special_days, bookings, series, reminders, history, reports)


def build(
    database: Database, seals: Seals, *, hold_lasting: timedelta, public_url: str
) -> APIRouter:
    """Make the routes over a database; `public_url` is the origin that customers see."""
    return side_by_side(
        workshops.build(database, public_url),
        *(room.build(database) for room in _ROOMS),
        holds.build(database, hold_lasting),
        booking_links.build(database, seals, public_url),
        book.build(Desk(database, seals, hold_lasting, public_url)),
    )
