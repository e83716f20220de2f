"""`/v1/sandbox/clock`, where the settings allow it."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from services.booking.handlers import sandbox
from services.booking.handlers.sandbox import Reading
from services.booking.schemas.sandbox import ClockChange, ClockOut
from shared.auth import OperatorCaller
from shared.database import Database
from shared.idempotency import Answer, Idempotency
from shared.sandbox import SandboxClock


def build(database: Database, clock: SandboxClock) -> APIRouter:
    """Make the routes over a database and the clock that it goes by."""
    router = APIRouter(prefix="/v1/sandbox/clock", tags=["sandbox"])

    @router.post("", response_model=ClockOut)
    async def advance_clock(
        body: ClockChange, caller: OperatorCaller, key: Idempotency
    ) -> Response:
        """Put business time forward for all services: what falls due by then happens soon after.

        Tokens, webhooks' retries and limits of calls go by the wall's clock.
        """
        once = key.once(caller, _answered)
        return (await sandbox.advance(database, clock, caller, body.to(), once)).response()

    @router.get("")
    async def read_clock(caller: OperatorCaller) -> ClockOut:
        """Read the business time."""
        return _shown(sandbox.read(clock))

    return router


def _shown(reading: Reading) -> ClockOut:
    return ClockOut(now=reading.now, ahead=reading.ahead)


def _answered(reading: Reading) -> Answer:
    return Answer(200, _shown(reading).model_dump_json().encode())
