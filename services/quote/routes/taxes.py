"""Reading and setting the taxes of countries."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Path

from services.quote.handlers import taxes as handlers
from services.quote.schemas.taxes import TaxesInput, TaxesOut
from shared.auth import AnyCaller, OperatorCaller
from shared.database import Database
from shared.inputs import CountryCode

Country = Annotated[CountryCode, Path(examples=["NZ"])]


def build(database: Database, tell: Callable[[], None]) -> APIRouter:
    """Make the routes over a database; `tell` wakes whoever tells of rate cards."""
    router = APIRouter(prefix="/v1/taxes", tags=["rate cards"])

    @router.get("")
    async def read_taxes(caller: AnyCaller) -> TaxesOut:
        """Read which tax work in a country's workshops has, and when."""
        return TaxesOut.of(await handlers.read(database))

    @router.put("/{country}")
    async def put_taxes(country: Country, body: TaxesInput, caller: OperatorCaller) -> TaxesOut:
        """Set a country's taxes, for quotes made from now on."""
        return TaxesOut.of(await handlers.put(database, country, body.of(country), tell))

    return router
