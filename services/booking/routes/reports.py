"""`/v1/reports`."""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response
from sqlalchemy import RowMapping

from services.booking.handlers import reports
from services.booking.schemas.reports import Counted, Rebuilt, Report, ReportQuery
from shared.auth import OperatorCaller, PartnerCaller
from shared.database import Database
from shared.idempotency import Answer, Idempotency


def build(database: Database) -> APIRouter:
    """Make the routes over a database."""
    router = APIRouter(prefix="/v1/reports", tags=["reports"])

    @router.get("/partner", response_model=Report, responses={200: {"content": {"text/csv": {}}}})
    async def partner_report(
        caller: PartnerCaller, asked: Annotated[ReportQuery, Query()]
    ) -> Response:
        """Count the account's bookings by period, workshop, status and source (JSON or CSV)."""
        found = await reports.of_partner(database, caller, asked.first, asked.last, asked.period)
        # Of thousands of workshops it takes a second to write, in which others want answers.
        if asked.format == "csv":
            return Response(await asyncio.to_thread(_csv, found), media_type="text/csv")
        return Response(await asyncio.to_thread(_json, found), media_type="application/json")

    @router.post("/rebuild", status_code=200, response_model=Rebuilt)
    async def rebuild_reports(caller: OperatorCaller, key: Idempotency) -> Response:
        """Make what the reports count anew from the log of events; it comes out the same."""
        return (await reports.rebuild(database, key.once(caller, _rebuilt))).response()

    return router


def _json(rows: Sequence[RowMapping]) -> str:
    return Report(counts=[Counted(**row) for row in rows]).model_dump_json()


def _csv(rows: Sequence[RowMapping]) -> str:
    text = io.StringIO()
    lines = csv.DictWriter(text, list(Counted.model_fields), lineterminator="\r\n")
    lines.writeheader()
    lines.writerows(map(dict, rows))
    return text.getvalue()


def _rebuilt(bookings: int) -> Answer:
    return Answer(200, Rebuilt(bookings=bookings).model_dump_json().encode())
