"""A workshop's special days, and the public holidays that may become such."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query

from services.booking.handlers import special_days
from services.booking.routes import pages
from services.booking.routes.workshops import WorkshopId
from services.booking.schemas.closings import (
    HolidayOut,
    HolidayQuery,
    HolidaysOut,
    SpecialDayInput,
    SpecialDayOut,
)
from services.booking.schemas.values import LocalDate
from shared.auth import AnyCaller, WorkshopCaller
from shared.database import Database
from shared.pages import Page, PageQuery

Date = Annotated[LocalDate, Path(examples=["2026-12-24"])]


def build(database: Database) -> APIRouter:
    """Make the routes over a database."""
    router = APIRouter(prefix="/v1/workshops/{workshop_id}", tags=["workshops"])

    @router.put("/special-days/{date}")
    async def put_special_day(
        workshop_id: WorkshopId, date: Date, body: SpecialDayInput, caller: WorkshopCaller
    ) -> SpecialDayOut:
        """Give a date hours of its own, or none; bookings that stand then keep standing."""
        special = body.special_day(workshop_id, date)
        return SpecialDayOut.of(await special_days.put(database, caller, special))

    @router.delete("/special-days/{date}", status_code=204)
    async def remove_special_day(
        workshop_id: WorkshopId, date: Date, caller: WorkshopCaller
    ) -> None:
        """Make a date like any other of its weekday."""
        await special_days.remove(database, caller, workshop_id, date)

    @router.get("/special-days")
    async def list_special_days(
        workshop_id: WorkshopId, caller: AnyCaller, asked: Annotated[PageQuery, Query()]
    ) -> Page[SpecialDayOut]:
        """List a workshop's special days, the last first."""
        found = await special_days.page(
            database, caller, workshop_id, before=asked.cursor, limit=asked.limit + 1
        )
        return pages.shown(found, SpecialDayOut.of, asked.limit)

    @router.get("/holiday-suggestions")
    async def suggest_holidays(
        workshop_id: WorkshopId, caller: WorkshopCaller, asked: Annotated[HolidayQuery, Query()]
    ) -> HolidaysOut:
        """List a year's public holidays where the workshop is; it is closed on none by this."""
        workshop, of, found = await special_days.holidays(
            database, caller, workshop_id, asked.year, asked.region
        )
        return HolidaysOut(
            country=workshop.profile.country,
            region=of,
            data=[HolidayOut.of(each) for each in found],
        )

    return router
