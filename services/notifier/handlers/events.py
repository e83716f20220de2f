"""What happened, read back."""

from __future__ import annotations

from collections.abc import Sequence

from services.notifier.domain.message import Message
from services.notifier.handlers import account_of
from services.notifier.repository import messages
from shared.auth import Caller
from shared.database import Database
from shared.problems import invalid, not_found


async def read(database: Database, caller: Caller, event_id: str) -> Message:
    """Read an event, by its `webhook-id`; raises a 404 Problem for none of the caller's."""
    async with database.reading() as connection:
        found = await messages.find(connection, event_id, account_of(caller))
    if found is None:
        raise not_found("event")
    return found


async def page(
    database: Database, caller: Caller, *, after: str | None, limit: int
) -> Sequence[Message]:
    """List what was received after an event; raises a Problem that names an unknown one."""
    async with database.reading() as connection:
        position = 0
        if after is not None:
            found = await messages.position_of(connection, after, account_of(caller))
            if found is None:
                message = "There is no such event, or it is older than what is kept."
                raise invalid("/after", "unknown-event", message)
            position = found
        return await messages.page(connection, account_of(caller), after=position, limit=limit)
