"""A service's database, brought up to date, or why it can't be."""

from __future__ import annotations

from roadworthy.embedded.errors import PartError
from shared.migrations import NewerDatabase, upgrade


async def bring_up_to_date(name: str, url: str) -> bool:
    """Return whether there was anything to do; raises PartError."""
    try:
        return await upgrade(name, url)
    except NewerDatabase as newer:
        raise PartError(str(newer)) from newer
    except OSError as error:
        raise PartError(f"The database of {name} can't be reached: {error}") from error
