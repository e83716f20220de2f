"""`/v1/service-history`."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from sqlalchemy import ColumnElement

from services.booking import outgoing
from services.booking.domain.booking import Booking
from services.booking.handlers import history
from services.booking.repository import vehicles
from services.booking.routes import pages
from services.booking.schemas.values import Vin
from shared.auth import AnyCaller
from shared.contracts.booking import BookedService
from shared.database import Database
from shared.inputs import CountryCode
from shared.pages import Page, PageQuery
from shared.problems import invalid


class HistoryQuery(PageQuery):
    """Of which vehicle: its VIN, or its plate, of one country if that is named."""

    vin: Vin | None = None
    plate: Annotated[str | None, Field(max_length=16)] = None
    country: CountryCode | None = None

    def vehicle(self) -> ColumnElement[bool]:
        """Read which bookings are meant; raises a 422 Problem when it is neither or both."""
        if (self.vin is None) == (self.plate is None):
            raise invalid("/vin", "one-or-the-other", "Give a vin or a plate.")
        if self.vin is not None:
            return vehicles.has_vin(self.vin)
        return vehicles.has_plate(self.plate or "", self.country)


class VisitOut(BaseModel):
    """What was done, when, where and at what mileage, in kilometres."""

    id: str
    workshop_id: str
    workshop_name: str
    drop_off_at: datetime
    done_at: datetime | None
    mileage: int | None
    vin: str | None
    plate: str
    services: list[BookedService]
    notes: str | None
    warnings: list[str]

    @classmethod
    def of(cls, booking: Booking) -> VisitOut:
        """Show a visit that is done."""
        details = booking.details
        return cls(
            id=booking.id,
            workshop_id=booking.workshop.id,
            workshop_name=booking.workshop.name,
            drop_off_at=booking.drop_off_at,
            done_at=booking.done_at,
            mileage=details.car.mileage,
            vin=details.car.vin,
            plate=details.car.registration.plate,
            services=[outgoing.service(each) for each in details.services],
            notes=details.notes,
            warnings=list(booking.warnings),
        )


def build(database: Database) -> APIRouter:
    """Make the routes over a database."""
    router = APIRouter(prefix="/v1/service-history", tags=["bookings"])

    @router.get("")
    async def read_history(
        caller: AnyCaller, asked: Annotated[HistoryQuery, Query()]
    ) -> Page[VisitOut]:
        """List what was done to a vehicle in the account's own bookings, newest first."""
        found = await history.visits(
            database, caller, asked.vehicle(), before=asked.cursor, limit=asked.limit + 1
        )
        return pages.shown(found, VisitOut.of, asked.limit)

    return router
