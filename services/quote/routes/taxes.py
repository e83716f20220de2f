"""Reading and setting the taxes of countries and regions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import StringConstraints

from services.quote.handlers import taxes as handlers
from services.quote.schemas.taxes import TaxesInput, TaxesOut
from shared.auth import AnyCaller, OperatorCaller
from shared.database import Database
from shared.inputs import JURISDICTION

Jurisdiction = Annotated[
    str,
    StringConstraints(pattern=JURISDICTION),
    Path(examples=["NZ"], description="A country (ISO 3166-1) or a region (ISO 3166-2)."),
]


def build(database: Database, tell: Callable[[], None]) -> APIRouter:
    """Make the routes over a database; `tell` wakes whoever tells of rate cards."""
    router = APIRouter(prefix="/v1/taxes", tags=["rate cards"])

    @router.get("")
    async def read_taxes(caller: AnyCaller) -> TaxesOut:
        """Read which taxes work has in the workshops of a country or region, and when."""
        return TaxesOut.of(await handlers.read(database))

    @router.put("/{jurisdiction}")
    async def put_taxes(
        jurisdiction: Jurisdiction, body: TaxesInput, caller: OperatorCaller
    ) -> TaxesOut:
        """Set the taxes of a country (`NZ`) or region (`CA-QC`), for quotes made from now on.

        A region's stand in the place of its country's.
        """
        new = body.of(jurisdiction)
        return TaxesOut.of(await handlers.put(database, jurisdiction, new, tell))

    return router
