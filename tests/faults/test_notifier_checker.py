"""The checker of deliveries is no better than what it finds: a fault is planted for it here.

Those of consumers are in `test_notifier_planted.py`.
"""

from __future__ import annotations

from sqlalchemy import text

from infra.delivering import Arrival, complaints
from infra.plumbing import happened, rows
from shared.database import Database
from shared.events import Event
from shared.ids import new_id


def arrival(event: Event) -> Arrival:
    return Arrival("/ok", event.id, event.subject, event.sequence, event.data.encode())


def story(count: int = 4) -> list[Event]:
    subject = new_id("par")
    return [happened(subject, sequence) for sequence in range(1, count + 1)]


def test_what_arrives_in_order_and_again_is_fine() -> None:
    events = story()
    came = [arrival(event) for event in (*events, events[1], *story(0), events[3])]
    assert complaints(events, came, ordered=True) == []


def test_a_later_one_before_an_earlier_one_is_seen_where_order_was_asked_for() -> None:
    events = story(2)
    came = [arrival(event) for event in reversed(events)]
    assert complaints(events, came, ordered=True) == [
        f"{events[0].subject} #1 came after a later one"
    ]
    assert complaints(events, came, ordered=False) == []


async def test_a_relay_with_a_cursor_is_caught(bare: Database) -> None:
    """Two transactions draw positions; the one that drew first commits last."""
    early, late = happened(new_id("par"), 1), happened(new_id("par"), 1)
    insert = text("INSERT INTO effects (subject, sequence) VALUES (:id, 1)")
    cursor, relayed = 0, list[str]()

    async def relay() -> None:
        nonlocal cursor
        query = f"SELECT place, subject FROM effects WHERE place > {cursor} ORDER BY place"  # noqa: S608 - a number
        for place, event_id in await rows(bare, query):
            cursor = place
            relayed.append(event_id)

    async with bare.transaction() as slow:
        await slow.connection.execute(insert, {"id": early.id})
        async with bare.transaction() as quick:
            await quick.connection.execute(insert, {"id": late.id})
        await relay()
    await relay()

    came = [arrival(event) for event in (early, late) if event.id in relayed]
    assert complaints([early, late], came, ordered=False) == [f"{early.id} was lost"]
