"""What an effect can't be had of is parked with its followers, and everything else goes on."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

import orjson
import pytest
from sqlalchemy import text

from infra.plumbing import effects, happened, note, record, records, rows
from shared.database import Database, Transaction
from shared.events import Event
from shared.inbox import POISON_TRIES, Inbox

PARKED = "SELECT key, error FROM parked ORDER BY position"


class Reader:
    """A consumer that some events poison, until they are mended."""

    def __init__(self, database: Database) -> None:
        self.poison: set[str] = set()
        self.tries: list[str] = []
        self.inbox = Inbox("reader", database, {"partner.updated": self._effect})

    async def _effect(self, work: Transaction, event: Event) -> None:
        self.tries.append(event.id)
        await note(work, event)
        if event.id in self.poison:
            raise RuntimeError("this can't be done")


@pytest.fixture
def reader(bare: Database) -> Reader:
    return Reader(bare)


async def parked(database: Database) -> list[tuple[str, str]]:
    return await rows(database, PARKED)


async def test_poison_is_parked_with_the_later_events_of_its_key(
    bare: Database, reader: Reader
) -> None:
    bad = happened("one", 2)
    reader.poison.add(bad.id)
    good, later, other = happened("one", 1), happened("one", 3), happened("other", 1)
    await reader.inbox.receive(records(good, bad, later, other))
    await reader.inbox.receive(records(happened("one", 4), happened("other", 2), offset=4))
    assert await effects(bare) == [("one", 1), ("other", 1), ("other", 2)]
    # Once in the batch, then on its own.
    assert reader.tries.count(bad.id) == 1 + POISON_TRIES
    assert reader.tries.count(later.id) == 0
    assert [key for key, _ in await parked(bare)] == ["one", "one", "one"]
    assert "this can't be done" in (await parked(bare))[0][1]


async def test_replay_frees_a_key_in_its_order(bare: Database, reader: Reader) -> None:
    bad = happened("one", 1)
    reader.poison.add(bad.id)
    await reader.inbox.receive(records(bad, happened("one", 2), happened("one", 3)))
    assert await reader.inbox.replay() == 0  # still poison: nothing may pass it
    assert await effects(bare) == []

    reader.poison.clear()
    assert await reader.inbox.replay(key="another") == 0
    assert await reader.inbox.replay() == 3
    assert await effects(bare) == [("one", 1), ("one", 2), ("one", 3)]
    assert await parked(bare) == []
    await reader.inbox.receive(records(happened("one", 4)))
    assert (await effects(bare))[-1] == ("one", 4)


async def test_what_is_parked_twice_keeps_its_place_and_its_first_error(
    bare: Database, reader: Reader
) -> None:
    bad, later = happened("one", 1), happened("one", 2)
    reader.poison.add(bad.id)
    batch = records(bad, later)
    await reader.inbox.receive(batch)
    before = await parked(bare)
    await reader.inbox.receive(batch)
    assert await parked(bare) == before


async def test_what_had_its_effect_is_not_had_again_by_replay(
    bare: Database, reader: Reader
) -> None:
    first, bad = happened("one", 1), happened("one", 2)
    reader.poison.add(bad.id)
    await reader.inbox.receive(records(first, bad))
    await reader.inbox.receive(records(first))  # again, and now its key is blocked
    reader.poison.clear()
    await reader.inbox.replay()
    assert await effects(bare) == [("one", 1), ("one", 2)]
    assert await parked(bare) == []


def changed(headers: Iterable[tuple[str, bytes]], **values: bytes | None) -> list[object]:
    return [*(dict(headers) | values).items()]


ENVELOPE = happened("one", 1).headers()
UNREADABLE = {
    "no headers": record(b"k", b"{}", []),
    "no body": record(b"k", None, ENVELOPE),
    "a body that is no text": record(b"k", b"\xff\xfe", ENVELOPE),
    "a time that is none": record(b"k", b"{}", changed(ENVELOPE, ce_time=b"yesterday")),
    "a time without a zone": record(b"k", b"{}", changed(ENVELOPE, ce_time=b"2026-01-01T00:00:00")),
    "a sequence that is no number": record(b"k", b"{}", changed(ENVELOPE, ce_sequence=b"first")),
    "NUL in the id": record(b"k", b"{}", changed(ENVELOPE, ce_id=b"a\x00b")),
    "NUL in the key": record(b"a\x00b", b"{}", []),
    "NUL in a header": record(b"k", b"{}", [("a", b"b\x00c")]),
    "no text in a header": record(b"k", b"{}", [("a", b"\xff")]),
    "a header without a value": record(b"k", b"{}", [("a", None)]),
    "no key": record(None, b"{}", []),
    "an endless id": record(b"k", b"{}", changed(ENVELOPE, ce_id=b"x" * 100_000)),
}


@pytest.mark.parametrize("unreadable", UNREADABLE.values(), ids=UNREADABLE)
async def test_a_record_that_is_no_event_is_parked_whole(
    bare: Database, reader: Reader, unreadable: object
) -> None:
    await reader.inbox.receive([unreadable, *records(happened("other", 1), offset=1)])  # type: ignore[list-item]
    assert await effects(bare) == [("other", 1)]
    assert await rows(bare, "SELECT value FROM parked") == [unreadable.value]  # type: ignore[attr-defined]


async def test_an_effect_that_the_database_refuses_is_poison(bare: Database) -> None:
    """Whether the server or the driver refuses a value: neither goes away by itself."""
    values = {"one": 2**31, "two": 2**63, "three": "text"}

    async def refused(work: Transaction, event: Event) -> None:
        sequence = values.get(event.subject, event.sequence)
        await work.connection.execute(
            text("INSERT INTO effects (subject, sequence) VALUES ('', :n)"), {"n": sequence}
        )

    inbox = Inbox("reader", bare, {"partner.updated": refused})
    await inbox.receive(records(*(happened(subject, 1) for subject in (*values, "other"))))
    assert await effects(bare) == [("", 1)]
    assert [key for key, _ in await parked(bare)] == ["one", "two", "three"]


PASSES = {
    "a connection that is lost": "SELECT pg_terminate_backend(pg_backend_pid())",
    "a deadlock": "DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '40P01'; END $$",
    "a database that starts": "DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '57P03'; END $$",
}


@pytest.mark.parametrize("trouble", PASSES.values(), ids=PASSES)
async def test_what_passes_by_itself_is_not_poison_however_often_it_is_tried(
    bare: Database, trouble: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.inbox.MAX_BACKOFF_SECONDS", 0.2)
    tries = 0

    async def troubled(work: Transaction, event: Event) -> None:
        nonlocal tries
        tries += 1
        if tries <= 2 * POISON_TRIES:
            await work.connection.exec_driver_sql(trouble)
        await note(work, event)

    await Inbox("reader", bare, {"*": troubled}).receive(records(happened("one", 1)))
    assert await effects(bare) == [("one", 1)]
    assert await parked(bare) == []


async def test_parked_errors_do_not_show_the_data(bare: Database) -> None:
    """Contact details are in it; the record itself, kept beside the error, is as private."""

    async def refused(work: Transaction, event: Event) -> None:
        await work.connection.execute(
            text("INSERT INTO inbox (consumer, event_id, received_at) VALUES (:c, '', NULL)"),
            {"c": orjson.loads(event.data)["email"], "at": datetime.now(UTC)},
        )

    await Inbox("reader", bare, {"*": refused}).receive(records(happened("one", 1)))
    [(_, error)] = await parked(bare)
    assert "received_at" in error
    assert "a@b.example" not in error
