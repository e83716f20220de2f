"""`/v1/booking-series`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from fastapi.responses import Response

from services.booking.domain.series import Series
from services.booking.handlers import series
from services.booking.schemas.series import NewSeries, SeriesOut
from shared.auth import AnyCaller
from shared.database import Database
from shared.idempotency import Answer, Idempotency

SeriesId = Annotated[str, Path(max_length=64)]


def build(database: Database) -> APIRouter:
    """Make the routes over a database."""
    router = APIRouter(prefix="/v1/booking-series", tags=["bookings"])

    @router.post("", status_code=201, response_model=SeriesOut)
    async def book_series(body: NewSeries, caller: AnyCaller, key: Idempotency) -> Response:
        """Book visits that recur; each is made, or reported with the cause of its refusal."""
        once = key.once(caller, _made)
        answer = await series.create(
            database, caller, body.slot(), body.rule(), body.visits(), once
        )
        return answer.response()

    @router.get("/{series_id}")
    async def read_series(series_id: SeriesId, caller: AnyCaller) -> SeriesOut:
        """Read a series; `GET /v1/bookings?series_id=` lists its bookings as they stand."""
        return SeriesOut.of(await series.read(database, caller, series_id))

    return router


def _made(made: Series) -> Answer:
    body = SeriesOut.of(made).model_dump_json().encode()
    return Answer(201, body, {"Location": f"/v1/booking-series/{made.id}"})
