"""Work found on the way, the decisions about it, and the work on each line."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from fastapi.responses import Response

from services.order.domain.supplement import Action
from services.order.handlers import supplements, working
from services.order.schemas import supplements as schemas
from services.order.schemas.orders import OrderOut, shown
from shared.auth import AnyCaller, WorkshopCaller
from shared.database import Database
from shared.idempotency import Answer, Idempotency

OrderId = Annotated[str, Path(max_length=64)]
SupplementId = Annotated[str, Path(max_length=64)]
ItemId = Annotated[str, Path(max_length=64)]


def build(database: Database) -> APIRouter:
    """Make the routes over a database."""
    router = APIRouter(prefix="/v1/orders/{order_id}", tags=["supplements"])

    @router.post("/supplements", status_code=201, response_model=schemas.SupplementOut)
    async def propose_supplement(
        order_id: OrderId, body: schemas.NewSupplement, caller: WorkshopCaller, key: Idempotency
    ) -> Response:
        """Propose more work; within the pre-authorised sum it is authorised at once."""
        once = key.once(caller, schemas.proposed)
        answer = await supplements.propose(database, caller, order_id, body.proposal(), once)
        return answer.response()

    @router.get("/supplements", response_model=schemas.SupplementList)
    async def list_supplements(order_id: OrderId, caller: AnyCaller) -> Response:
        """List an order's supplements, oldest first."""
        found = await supplements.read(database, caller, order_id)
        listed = [schemas.SupplementOut.of(order_id, each) for each in found]
        return Answer(
            200, schemas.SupplementList(data=listed).model_dump_json().encode()
        ).response()

    @router.get("/supplements/{supplement_id}", response_model=schemas.SupplementOut)
    async def read_supplement(
        order_id: OrderId, supplement_id: SupplementId, caller: AnyCaller
    ) -> Response:
        """Read a supplement, and what was decided of it."""
        found = await supplements.read_one(database, caller, order_id, supplement_id)
        body = schemas.SupplementOut.of(order_id, found).model_dump_json()
        return Answer(200, body.encode()).response()

    @router.post("/supplements/{supplement_id}/authorize", response_model=OrderOut)
    async def authorize_supplement(
        order_id: OrderId,
        supplement_id: SupplementId,
        body: schemas.DecisionInput,
        caller: AnyCaller,
        key: Idempotency,
    ) -> Response:
        """Authorise the work, as its partner; a workshop says who told it so, and how."""
        once, said = key.once(caller, shown), body.said()
        answer = await supplements.decide(
            database, caller, order_id, supplement_id, Action.AUTHORIZE, said, once
        )
        return answer.response()

    @router.post("/supplements/{supplement_id}/decline", response_model=OrderOut)
    async def decline_supplement(
        order_id: OrderId,
        supplement_id: SupplementId,
        body: schemas.DecisionInput,
        caller: AnyCaller,
        key: Idempotency,
    ) -> Response:
        """Decline the work, as its partner; a workshop says who told it so, and how."""
        once, said = key.once(caller, shown), body.said()
        answer = await supplements.decide(
            database, caller, order_id, supplement_id, Action.DECLINE, said, once
        )
        return answer.response()

    @router.post("/supplements/{supplement_id}/withdraw", response_model=OrderOut)
    async def withdraw_supplement(
        order_id: OrderId,
        supplement_id: SupplementId,
        body: schemas.Withdrawal,
        caller: WorkshopCaller,
        key: Idempotency,
    ) -> Response:
        """Take a proposal back."""
        once = key.once(caller, shown)
        answer = await supplements.withdraw(
            database, caller, order_id, supplement_id, body.note, once
        )
        return answer.response()

    @router.post("/items/{item_id}/status", response_model=OrderOut)
    async def change_item_status(
        order_id: OrderId,
        item_id: ItemId,
        body: schemas.LineStatus,
        caller: WorkshopCaller,
        key: Idempotency,
    ) -> Response:
        """Say how far a line is; one that nobody authorised is refused."""
        once = key.once(caller, shown)
        answer = await working.move(
            database, caller, order_id, item_id, body.status, body.reason, once
        )
        return answer.response()

    return router
