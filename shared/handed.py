"""What the relay's own process has committed: sent from memory, where that can't change an order.

`sequence` counts a subject's events. So the first one has none before it, and another one has none
that isn't on the topic once the relay itself has had the one before it acknowledged. Of anything
else an earlier event may be owed by another process: it is read in the outbox's order.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Sequence

from shared.events import Event, Pending

MOST_HANDED, MOST_CHARACTERS = 500, 4_000_000
MOST_SUBJECTS = 10_000
"""How many of the last subjects it is known of how far they got."""


class Handed:
    """Held by a relay that leads, from its first look into the outbox on."""

    def __init__(self) -> None:
        self._pending: dict[int, Pending] = {}
        self._size = 0
        """Of the events' data; what was read meanwhile counts until all is taken."""
        self._sent: OrderedDict[str, int] = OrderedDict()

    def add(self, pending: Sequence[Pending]) -> bool:
        """Take what was committed, in its order; False when there is no room for it."""
        size = sum(len(each.event.data) for each in pending)
        if len(self._pending) + len(pending) > MOST_HANDED or self._size + size > MOST_CHARACTERS:
            return False
        self._size += size
        self._pending |= {each.position: each for each in pending}
        return True

    def take(self) -> tuple[list[Pending], bool]:
        """Return what may be sent, and whether that is all: the rest is only in the outbox."""
        going: list[Pending] = []
        reached: dict[str, int] = {}
        for each in self._pending.values():
            event = each.event
            before = reached.get(event.subject, self._sent.get(event.subject, 0))
            if event.sequence == before + 1:
                reached[event.subject] = event.sequence
                going.append(each)
        everything = len(going) == len(self._pending)
        self.clear()
        return going, everything

    def drop(self, positions: Iterable[int]) -> None:
        """Let go of such as was read from the outbox."""
        for position in positions:
            self._pending.pop(position, None)

    def sent(self, event: Event) -> None:
        """Note that the broker has an event, and so all before it of its subject."""
        self._sent.pop(event.subject, None)
        self._sent[event.subject] = event.sequence
        if len(self._sent) > MOST_SUBJECTS:
            self._sent.popitem(last=False)

    def start_over(self) -> None:
        """Forget how far subjects got: the broker has forgotten it, too."""
        self._sent.clear()
        self.clear()

    def clear(self) -> None:
        """Let go of what is in hand: from now on it is only in the outbox."""
        self._pending.clear()
        self._size = 0
