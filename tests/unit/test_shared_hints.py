"""Hints from one process to another: heard, lost without harm, never from a folder of others'."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from infra.waiting import eventually
from shared.hints import Ear, Hint, tell

BROKER = "127.0.0.1:9092"
_TELL = """
import sys, tempfile
from shared.hints import Hint, tell
tempfile.tempdir = sys.argv[1]
tell(sys.argv[2], [Hint("quote.events", 2, 7), Hint("order.events", 0, 0)])
"""
_LISTEN_AND_DIE = """
import asyncio, os, sys, tempfile
from shared.hints import Ear

async def listen():
    Ear(sys.argv[2], print).open()
    os._exit(0)

tempfile.tempdir = sys.argv[1]
asyncio.run(listen())
"""


@pytest.fixture(autouse=True)
def above(monkeypatch: pytest.MonkeyPatch) -> Path:
    """Have a folder of this test's own; a socket's path is a hundred characters at the most."""
    made = Path(tempfile.mkdtemp(dir="/tmp"))
    monkeypatch.setattr(tempfile, "tempdir", str(made))
    return made


def elsewhere(script: str, above: Path) -> None:
    subprocess.run([sys.executable, "-c", script, above, BROKER], check=True)


def sockets(above: Path) -> list[Path]:
    return [each for each in above.rglob("*") if each.is_socket()]


async def test_what_one_process_tells_is_heard_in_another(above: Path) -> None:
    heard: list[Hint] = []
    ears = [Ear(BROKER, heard.append), Ear(BROKER, heard.append), Ear("other:9092", heard.append)]
    for ear in ears:
        ear.open()
    await asyncio.to_thread(elsewhere, _TELL, above)
    await eventually(lambda: len(heard) == 4)
    assert sorted(heard) == [Hint("order.events", 0, 0)] * 2 + [Hint("quote.events", 2, 7)] * 2
    for ear in ears:
        ear.close()
    assert not sockets(above)


def test_what_a_killed_listener_leaves_behind_is_cleared_away(above: Path) -> None:
    elsewhere(_LISTEN_AND_DIE, above)
    assert len(sockets(above)) == 1
    tell(BROKER, [Hint("quote.events", 0, 0)])
    assert not sockets(above)


def test_who_has_no_listeners_tells_nobody() -> None:
    tell(BROKER, [Hint("quote.events", 0, 0)])


@pytest.mark.parametrize("mode", [0o777, 0o770, 0o701])
async def test_a_folder_that_is_not_ours_alone_is_not_listened_in(above: Path, mode: int) -> None:
    folder = above / f"roadworthy-{os.getuid()}"
    folder.mkdir()
    folder.chmod(mode)
    ear = Ear(BROKER, print)
    ear.open()
    assert not sockets(above)
    ear.close()


async def test_what_is_no_hint_is_passed_over(above: Path) -> None:
    heard: list[Hint] = []
    ear = Ear(BROKER, heard.append)
    ear.open()
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sending:
        for message in (b"\xff\xfe", b"", b"topic 1", b"topic one 1\ntopic 1 -1\ntopic 1 5"):
            sending.sendto(message, str(sockets(above)[0]))
    await eventually(lambda: heard == [Hint("topic", 1, 5)])
    ear.close()
