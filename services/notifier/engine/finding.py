"""Finds what is due, for many lanes at once."""

from __future__ import annotations

from collections.abc import Sequence
from time import monotonic

from sqlalchemy.ext.asyncio import AsyncConnection

from services.notifier.bodies import renders
from services.notifier.domain.delivery import Delivery
from services.notifier.domain.terms import DeliveryMode
from services.notifier.engine.lane import Item, Lane
from services.notifier.engine.signer import Signer
from services.notifier.engine.texts import Texts
from services.notifier.repository import destinations, due
from services.notifier.repository.due import Look
from services.notifier.sealing import SecretBox, SecretUnreadable
from shared.database import Database


class VersionUnknown(RuntimeError):
    """An endpoint keeps a payload version that this process, older than another, can't render."""


class Finding:
    """Fills lanes with what is due to them."""

    def __init__(self, database: Database, box: SecretBox, texts: Texts) -> None:
        self._database = database
        self._box = box
        self._texts = texts

    async def fill(self, lanes: Sequence[Lane]) -> list[Lane]:
        """Take what is due in hand; return the lanes of endpoints that aren't sent to any more.

        Raises VersionUnknown, besides what the database raises.
        """
        async with self._database.reading() as connection:
            found = await destinations.load(connection, [lane.endpoint_id for lane in lanes])
            gone = [lane for lane in lanes if lane.endpoint_id not in found]
            there = [lane for lane in lanes if lane.endpoint_id in found]
            for lane in there:
                self._learn(lane, found[lane.endpoint_id])
            await self._look(connection, there)
        return gone

    def _learn(self, lane: Lane, destination: destinations.Destination) -> None:
        if lane.destination is not None and lane.destination.version == destination.version:
            return
        if not renders(destination.payload_version):
            lane.destination = None
            raise VersionUnknown(f"payload version {destination.payload_version}")
        lane.destination, lane.failing = destination, destination.failing
        try:
            lane.signer = Signer(destination, self._box)
        except SecretUnreadable:
            lane.signer = None

    async def _look(self, connection: AsyncConnection, lanes: Sequence[Lane]) -> None:
        now = self._database.clock.now()
        deliveries: dict[Lane, list[Delivery]] = {}
        for lane in lanes:
            lane.looking()
        looks = [
            Look(lane.endpoint_id, lane.most, lane.place, all_of_them=not lane.by_subject)
            for lane in lanes
        ]
        held = [each for lane in lanes for each in lane.held]
        found = await due.next_of(connection, looks, held, now) if looks else {}
        for lane in lanes:
            theirs = found.get(lane.endpoint_id, [])
            lane.looked(theirs, full=len(theirs) == lane.most)
            if lane.by_subject:
                theirs = [*theirs, *await self._subjects(connection, lane)]
            deliveries[lane] = theirs
        wanted = [
            (each, lane.payload_version) for lane, theirs in deliveries.items() for each in theirs
        ]
        bodies = await self._texts.of_all(connection, wanted)
        moment = monotonic()
        for lane, theirs in deliveries.items():
            lane.hold_found(Item(each, bodies[each.id], moment) for each in theirs)

    async def _subjects(self, connection: AsyncConnection, lane: Lane) -> list[Delivery]:
        destination = lane.destination
        found = await due.next_subjects(
            connection,
            lane.endpoint_id,
            busy=lane.busy,
            most=lane.most,
            latest=destination is not None and destination.terms.delivery is DeliveryMode.LATEST,
            now=self._database.clock.now(),
        )
        if found:
            lane.more = True  # others may be behind as many rows of these
        return found
