"""Ordering, paying, and following the work."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query
from fastapi.responses import Response

from services.order.handlers import checkout, direct, progress, reading, rolling, scheduling
from services.order.handlers.progress import Step
from services.order.handlers.settling import Till
from services.order.repository.order_lists import Created
from services.order.schemas import orders as schemas
from services.order.schemas import placing
from shared.auth import AnyCaller, PartnerCaller, WorkshopCaller
from shared.idempotency import Answer, Idempotency
from shared.pages import Page, PageQuery, next_cursor
from shared.prefer import WaitSeconds
from shared.problems import invalid

OrderId = Annotated[str, Path(max_length=64)]


class OrderList(PageQuery, schemas.OrderQuery, schemas.CreatedQuery):
    """Which page of which orders is asked for."""


def build(till: Till) -> APIRouter:
    """Make the routes over a database and a payment provider."""
    router = APIRouter(prefix="/v1/orders", tags=["orders"])
    database = till.database

    @router.post(
        "",
        status_code=201,
        response_model=schemas.AttemptOut,
        responses={202: {"model": schemas.AttemptOut, "description": "The payment is not settled"}},
    )
    async def create_order(
        body: placing.NewOrder, caller: PartnerCaller, key: Idempotency, wait: WaitSeconds
    ) -> Response:
        """Place an order, of a quote or directly: pay for it, or put it on a deal."""
        asked, means = body.direct(), body.payment.means()
        once = key.once(caller, schemas.attempted)
        if asked and means:
            answer = await direct.buy(till, caller, asked, means, once, wait=wait)
        elif asked:
            answer = await direct.put_on_deal(database, caller, asked, once, wait=wait)
        elif means:
            answer = await checkout.buy_quote(till, caller, body.the_quote, means, once, wait=wait)
        else:
            answer = await rolling.buy_quote(database, caller, body.the_quote, once, wait=wait)
        return answer.response()

    @router.post(
        "/{order_id}/payments",
        status_code=201,
        response_model=schemas.AttemptOut,
        responses={202: {"model": schemas.AttemptOut, "description": "The payment is not settled"}},
    )
    async def create_payment(
        order_id: OrderId,
        body: schemas.CardInput,
        caller: PartnerCaller,
        key: Idempotency,
        wait: WaitSeconds,
    ) -> Response:
        """Pay what is due: try again for a new order, or pay for work authorised since."""
        means, once = body.means("/token"), key.once(caller, schemas.attempted)
        return (await checkout.pay_order(till, caller, order_id, means, once, wait=wait)).response()

    @router.get("/{order_id}", response_model=schemas.OrderOut)
    async def read_order(order_id: OrderId, caller: AnyCaller) -> Response:
        """Read an order: status, cost, estimated time and payments."""
        return schemas.shown(await reading.read(database, caller, order_id)).response()

    @router.get("", response_model=Page[schemas.OrderOut])
    async def list_orders(caller: AnyCaller, asked: Annotated[OrderList, Query()]) -> Response:
        """List orders, newest first; unpaid attempts only when their status is asked for."""
        filters = asked.model_dump(include=set(schemas.OrderQuery.model_fields), exclude_none=True)
        created = Created(asked.created_since, asked.created_before)
        found = await reading.page(
            database, caller, filters, created, before=asked.cursor, limit=asked.limit + 1
        )
        page = Page[schemas.OrderOut](
            data=[schemas.OrderOut.of(each.order, each.payments) for each in found[: asked.limit]],
            next_cursor=next_cursor([each.order.id for each in found], asked.limit),
        )
        return Answer(200, page.model_dump_json().encode()).response()

    @router.get("/{order_id}/history", response_model=Page[schemas.EntryOut])
    async def read_history(
        order_id: OrderId, caller: AnyCaller, asked: Annotated[PageQuery, Query()]
    ) -> Response:
        """Read every change of an order, oldest first: who, when, from what to what, and why."""
        found = await reading.history(
            database, caller, order_id, after=_position(asked.cursor), limit=asked.limit + 1
        )
        page = Page[schemas.EntryOut](
            data=[schemas.EntryOut.of(entry) for entry in found[: asked.limit]],
            next_cursor=next_cursor([str(entry.position) for entry in found], asked.limit),
        )
        return Answer(200, page.model_dump_json(by_alias=True).encode()).response()

    @router.post("/{order_id}/status", response_model=schemas.OrderOut)
    async def change_status(
        order_id: OrderId, body: schemas.StatusChange, caller: WorkshopCaller, key: Idempotency
    ) -> Response:
        """Say where the work stands; a delayed order goes back to where it was."""
        step, once = (
            Step(body.reason, body.estimated_completion_at, body.at),
            key.once(caller, schemas.shown),
        )
        answer = await progress.move(database, caller, order_id, body.status, step, once)
        return answer.response()

    @router.post("/{order_id}/schedule", response_model=schemas.OrderOut)
    async def reschedule_order(
        order_id: OrderId, body: schemas.Rescheduling, caller: AnyCaller, key: Idempotency
    ) -> Response:
        """Put work that hasn't begun to another time."""
        once = key.once(caller, schemas.shown)
        answer = await scheduling.move(database, caller, order_id, body.start_at, body.reason, once)
        return answer.response()

    @router.post("/{order_id}/cancel", response_model=schemas.OrderOut)
    async def cancel_order(
        order_id: OrderId, body: schemas.Cancellation, caller: AnyCaller, key: Idempotency
    ) -> Response:
        """End an order; what was paid goes back, all of it unless `refund` says less."""
        once = key.once(caller, schemas.shown)
        return (await progress.cancel(database, caller, order_id, body.ending(), once)).response()

    return router


def _position(cursor: str | None) -> int:
    if cursor is None:
        return 0
    if not (cursor.isdecimal() and len(cursor) < 19):
        raise invalid("/cursor", "unknown-cursor", "Not a cursor of ours.")
    return int(cursor)
