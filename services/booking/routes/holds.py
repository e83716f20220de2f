"""`/v1/holds`."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Path
from fastapi.responses import Response

from services.booking.domain.hold import Hold
from services.booking.handlers import holds
from services.booking.schemas.slots import HoldOut, SlotInput
from shared.auth import AnyCaller
from shared.database import Database
from shared.idempotency import Answer, Idempotency

HoldId = Annotated[str, Path(max_length=64)]


def build(database: Database, lasting: timedelta) -> APIRouter:
    """Make the routes over a database; `lasting` is how long a hold holds."""
    router = APIRouter(prefix="/v1/holds", tags=["holds"])

    def _held(hold: Hold) -> Answer:
        body = HoldOut.of(hold, database.clock.now()).model_dump_json().encode()
        return Answer(201, body, {"Location": f"/v1/holds/{hold.id}"})

    @router.post("", status_code=201, response_model=HoldOut)
    async def hold_slot(body: SlotInput, caller: AnyCaller, key: Idempotency) -> Response:
        """Keep a slot for a while; `POST /v1/bookings` with its `hold_id` books it."""
        once = key.once(caller, _held)
        return (await holds.create(database, caller, body.slot(), lasting, once)).response()

    @router.get("/{hold_id}")
    async def read_hold(hold_id: HoldId, caller: AnyCaller) -> HoldOut:
        """Read a hold."""
        return HoldOut.of(await holds.read(database, caller, hold_id), database.clock.now())

    @router.delete("/{hold_id}", status_code=204)
    async def release_hold(hold_id: HoldId, caller: AnyCaller) -> None:
        """Give a held slot back."""
        await holds.release(database, caller, hold_id)

    return router
