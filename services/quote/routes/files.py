"""Rate cards as files: taking them over, and giving them out."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from services.quote.handlers import importing as handlers
from services.quote.handlers.importing import How, Report, RowsRefused
from services.quote.schemas import exports, imports
from services.quote.schemas.queries import ImportQuery, RateCardQuery
from services.quote.schemas.reports import ImportReport
from shared.auth import AnyCaller, WorkshopCaller
from shared.database import Database
from shared.idempotency import Answer, Idempotency
from shared.problems import Problem

CSV = "text/csv"
EXAMPLE = (
    "service,title,vehicle_class,labour_hours,hourly_rate,parts,currency,tax_rate\r\n"
    "wrapping,Wrapping,any,6.50,145.00,420.00,AUD,0.10\r\n"
)
_TAKES_CSV: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {CSV: {"schema": {"type": "string"}, "example": EXAMPLE}},
    }
}
_GIVES_CSV: dict[int | str, dict[str, Any]] = {
    200: {"content": {CSV: {"schema": {"type": "string"}}}, "description": "The file"}
}


def build(database: Database) -> APIRouter:
    """Make the routes over a database."""
    router = APIRouter(prefix="/v1/rate-cards", tags=["rate cards"])

    @router.post("/import", response_model=ImportReport, openapi_extra=_TAKES_CSV)
    async def import_rate_cards(
        request: Request,
        caller: WorkshopCaller,
        key: Idempotency,
        asked: Annotated[ImportQuery, Query()],
    ) -> Response:
        """Replace each rate card that the file has; others stay as they are.

        All cards are taken over, or none is: `skip_refused` takes over those without a refused
        row. A card is never taken over in part.
        """
        sheet = imports.read(await request.body())
        how = How(dry_run=asked.dry_run, skip_refused=asked.skip_refused)
        try:
            answer = await handlers.take_over(
                database, caller, sheet, how, key.once(caller, _reported)
            )
        except RowsRefused as refused:
            report = ImportReport.of(refused.report).model_dump(mode="json")
            raise Problem(
                422, "rows-refused", f"{refused} Nothing was changed.", extra={"report": report}
            ) from refused
        return answer.response()

    @router.get("/export", response_class=Response, responses=_GIVES_CSV)
    async def export_rate_cards(
        caller: AnyCaller, asked: Annotated[RateCardQuery, Query()]
    ) -> Response:
        """Get rate cards as a file, with all periods; imported again, it changes nothing."""
        found = await handlers.give_out(database, caller, asked.workshop_id)
        headers = {"Content-Disposition": 'attachment; filename="rate-cards.csv"'}
        return Response(exports.write(found), headers=headers, media_type=CSV)

    return router


def _reported(report: Report) -> Answer:
    return Answer(200, ImportReport.of(report).model_dump_json().encode())
