"""Somebody to whom things happen in a notifier, and what reached their receivers of it."""

from __future__ import annotations

from typing import Any

from infra.delivering import Receivers, complaints
from infra.happenings import event
from infra.notifying import receive
from infra.waiting import eventually
from infra.webhooks import Subscriber
from shared.events import Event
from shared.ids import new_id

LEASE = 2.5
QUICK: dict[str, Any] = {
    "webhook_lease": LEASE,
    "webhook_timeout": 1.0,
    "webhook_retries": (0.2,) * 20,
    "webhook_longest_pause": 0.3,
}


class Feed:
    """Makes things happen to one account, and keeps what was acknowledged."""

    def __init__(self, dealer: Subscriber) -> None:
        self.dealer = dealer
        self.promised: list[Event] = []
        self._subjects = [new_id("ord") for _ in range(5)]
        self._sequence = 0

    async def go_on(self, count: int) -> None:
        for _ in range(count):
            self._sequence += 1
            for subject in self._subjects:
                made = event(
                    "service.updated",
                    partner_id=self.dealer.partner_id,
                    subject=subject,
                    sequence=self._sequence,
                )
                await receive(self.dealer.service, made)
                self.promised.append(made)


def complained(feed: Feed, listening: Receivers, *paths: str, ordered: bool = False) -> list[str]:
    return [
        each
        for path in paths
        for each in complaints(feed.promised, listening.at(path), ordered=ordered)
    ]


async def until_all(listening: Receivers, feed: Feed) -> None:
    def all_there() -> bool:
        return all(listening.has_all(path, feed.promised) for path in ("/ok", "/slow"))

    await eventually(all_there, 30)
