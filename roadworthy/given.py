"""A Kafka cluster that somebody else runs, in the embedded broker's place."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from roadworthy.embedded.errors import PartError

CONNECT_SECONDS = 2.0


class GivenBroker:
    """Is there or isn't: starting and stopping it is not for the launcher to do."""

    log = "the cluster's own log"
    pid = 0

    def __init__(self, bootstrap: str) -> None:
        self.bootstrap = bootstrap

    async def start(self) -> None:
        """See whether it is there; raises PartError."""
        if not await self.health():
            raise PartError(f"No Kafka answers at {self.bootstrap} (KAFKA_BOOTSTRAP_SERVERS)")

    async def stop(self) -> None:
        """Leave it as it is."""

    async def health(self) -> bool:
        """Tell whether one of its servers takes connections."""
        for server in self.bootstrap.split(","):
            host, _, port = server.strip().rpartition(":")
            with suppress(OSError, TimeoutError, ValueError):
                async with asyncio.timeout(CONNECT_SECONDS):
                    _, writer = await asyncio.open_connection(host, int(port))
                writer.close()
                return True
        return False
