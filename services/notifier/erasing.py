"""Erasures go on: batch by batch through every event, from where each got to."""

from __future__ import annotations

from dataclasses import replace

import orjson

from services.notifier.domain.erasure import Erased, Erasure, chained, passed, what_stays
from services.notifier.repository import erasures
from shared.database import Database, Transaction

BATCH = 2_000
"""How many events one transaction looks through: about 4 MB of text."""


class Erasing:
    """What it is at, and how far, stands in its row: any worker goes on from there."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def __call__(self) -> int:
        """Take one erasure a step further; returns 0 when there is none."""
        async with self._database.transaction() as work:
            erasure = await erasures.running(work.connection)
            if erasure is None:
                return 0
            await erasures.save(work.connection, await self._step(work, erasure))
        return 1

    async def _step(self, work: Transaction, erasure: Erasure) -> Erasure:
        position, found, ended = await erasures.look(
            work.connection, erasure.keys, erasure.position, BATCH
        )
        digest, erased = erasure.digest, Erased()
        if found:
            for event_id, data in found:
                digest = chained(digest, event_id, data)
            stays = [
                (event_id, orjson.dumps(what_stays(orjson.loads(data))).decode())
                for event_id, data in found
            ]
            erased = await erasures.erase(work.connection, stays, work.now)
        so_far = replace(
            erasure,
            position=position,
            found=erasure.found + len(found),
            digest=digest,
            erased=erasure.erased.plus(erased),
        )
        if not ended:
            return so_far
        by_address = await erasures.erase_by_address(work.connection, erasure.keys, work.now)
        return passed(replace(so_far, erased=so_far.erased.plus(by_address)), work.now)
