"""Where an order's time goes."""

from __future__ import annotations

import csv
import io
from typing import Annotated

from fastapi import APIRouter, Path, Query
from fastapi.responses import Response

from services.order.handlers import correcting, stages
from services.order.schemas import stages as schemas
from services.order.schemas.orders import OrderOut, shown
from shared.auth import AnyCaller, PartnerCaller, WorkshopCaller
from shared.database import Database
from shared.idempotency import Idempotency

OrderId = Annotated[str, Path(max_length=64)]


def build(database: Database) -> APIRouter:
    """Make the routes over a database."""
    router = APIRouter(prefix="/v1", tags=["time in stage"])

    @router.get("/orders/{order_id}/timeline")
    async def read_timeline(order_id: OrderId, caller: AnyCaller) -> schemas.TimelineOut:
        """Read where an order's time went: each stay, working and waiting, and what it cost."""
        return schemas.TimelineOut.of(await stages.read_timeline(database, caller, order_id))

    @router.post("/orders/{order_id}/corrections", response_model=OrderOut)
    async def correct_history(
        order_id: OrderId,
        body: schemas.CorrectionInput,
        caller: WorkshopCaller,
        key: Idempotency,
    ) -> Response:
        """Correct when a change of status came into effect; what was said stays readable."""
        once = key.once(caller, shown)
        answer = await correcting.correct(database, caller, order_id, body.correction(), once)
        return answer.response()

    @router.get("/reports/stages")
    async def report_stages(
        caller: AnyCaller, asked: Annotated[schemas.ReportQuery, Query()]
    ) -> schemas.ReportOut:
        """Report how long stages took: count, median, 90th percentile, mean and holding cost."""
        found = await stages.read_report(database, caller, asked.period())
        return schemas.ReportOut(stages=[schemas.StageOut.of(each) for each in found])

    @router.get("/reports/stages.csv", include_in_schema=False)
    async def report_stages_as_csv(
        caller: AnyCaller, asked: Annotated[schemas.ReportQuery, Query()]
    ) -> Response:
        found = await stages.read_report(database, caller, asked.period())
        return Response(_csv([schemas.StageOut.of(each) for each in found]), media_type="text/csv")

    @router.get("/stage-policy")
    async def read_policy(caller: PartnerCaller) -> schemas.PolicyOut:
        """Read what a day costs, and how long each stage may take."""
        return schemas.PolicyOut.of(await stages.read_policy(database, caller))

    @router.put("/stage-policy")
    async def put_policy(body: schemas.PolicyInput, caller: PartnerCaller) -> schemas.PolicyOut:
        """Say what a day costs, and after how long in a stage everybody is told."""
        said = await stages.put_policy(database, caller, body.policy())
        return schemas.PolicyOut.of(said)

    return router


def _csv(rows: list[schemas.StageOut]) -> str:
    """Write rows as RFC 4180 has them; an amount of money is two columns."""
    out = io.StringIO()
    names = [name for name in schemas.StageOut.model_fields if name != "holding_cost"]
    writer = csv.DictWriter(out, [*names, "holding_cost", "currency"])
    writer.writeheader()
    for row in rows:
        cost = row.holding_cost
        money = {"holding_cost": cost and cost.amount, "currency": cost and cost.currency}
        writer.writerow(row.model_dump(mode="json") | money)
    return out.getvalue()
