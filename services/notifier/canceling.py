"""What is left queued for who isn't sent to any more is given up, batch by batch."""

from __future__ import annotations

from services.notifier.repository import deliveries
from shared.database import Database


class Canceling:
    """Of an endpoint with a long queue, whoever disables it gives up the beginning alone.

    Of a closed account's, nobody does.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def __call__(self) -> int:
        """Give up a batch; returns how many that were."""
        async with self._database.transaction() as work:
            endpoint_id = await deliveries.disabled_with_any(work.connection)
            if endpoint_id is None:
                return 0
            return await deliveries.cancel_queued(work.connection, endpoint_id, work.now)
