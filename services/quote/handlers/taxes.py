"""The taxes of countries and regions, which cards are told with."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from services.quote.domain import tax as domain
from services.quote.domain.tax import Tax
from services.quote.repository import taxes
from shared.database import Database
from shared.problems import invalid


async def put(
    database: Database, jurisdiction: str, new: Sequence[Tax], tell: Callable[[], None]
) -> list[Tax]:
    """Replace a jurisdiction's taxes, for quotes made from now on; `tell` wakes whoever says so."""
    if overlap := domain.overlapping(new):
        one, other = overlap
        message = f"It overlaps /taxes/{one}: taxes at one time have different names."
        raise invalid(f"/taxes/{other}", "overlapping-taxes", message)
    async with database.transaction() as work:
        await taxes.put(work.connection, jurisdiction, new)
        work.after_commit(tell)
        return await taxes.all_of_them(work.connection, jurisdiction)


async def read(database: Database) -> list[Tax]:
    """Read the taxes of all countries and regions."""
    async with database.reading() as connection:
        return await taxes.all_of_them(connection)
