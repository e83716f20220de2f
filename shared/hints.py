"""Tells other processes of this machine what was put on a topic of the embedded broker.

A datagram to the socket of each reader, in a folder that the broker's address names. It may be
lost, and nothing rests on it: who isn't told looks by itself.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import socket
import stat
import tempfile
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import structlog

MAX_HINT_BYTES = 4096

log = structlog.get_logger(__name__)
_numbers = itertools.count()


class Hint(NamedTuple):
    """The last of what was put on a partition."""

    topic: str
    partition: int
    offset: int


def tell(broker: str, hints: Iterable[Hint]) -> None:
    """Tell the readers in other processes; those in this one are told by a call."""
    folder = _folder(broker)
    try:
        places = [place for place in os.listdir(folder) if not place.startswith(_own())]
    except OSError:
        return  # nobody has ever listened
    if not places:
        return
    message = "\n".join(f"{hint.topic} {hint.partition} {hint.offset}" for hint in hints).encode()
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sending:
        sending.setblocking(False)
        for place in places:
            try:
                sending.sendto(message[:MAX_HINT_BYTES], str(folder / place))
            except ConnectionRefusedError:
                (folder / place).unlink(missing_ok=True)  # of a process that was killed
            except OSError:
                continue  # it has more than it reads


class Ear:
    """A reader's socket, from `open` to `close`."""

    def __init__(self, broker: str, heard: Callable[[Hint], None]) -> None:
        self._place = _folder(broker) / f"{_own()}{next(_numbers)}"
        self._heard = heard
        self._socket: socket.socket | None = None

    def open(self) -> None:
        """Begin to listen; where no folder can be had for it, nothing is heard."""
        listening = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        listening.setblocking(False)
        try:
            _make_private(self._place.parent)
            self._place.unlink(missing_ok=True)  # of a process that had this one's id
            listening.bind(str(self._place))
        except OSError as error:
            listening.close()
            log.warning("hints.unheard", error=repr(error))
            return
        self._socket = listening
        asyncio.get_running_loop().add_reader(listening.fileno(), self._listen, listening)

    def close(self) -> None:
        """Listen no more."""
        if self._socket is None:
            return
        asyncio.get_running_loop().remove_reader(self._socket.fileno())
        self._socket.close()
        self._socket = None
        with suppress(OSError):
            self._place.unlink(missing_ok=True)
            self._place.parent.rmdir()  # unless others listen there

    def _listen(self, listening: socket.socket) -> None:
        with suppress(OSError):
            for line in listening.recv(MAX_HINT_BYTES).decode(errors="replace").splitlines():
                if (hint := _hint(line)) is not None:
                    self._heard(hint)


def _hint(line: str) -> Hint | None:
    match line.split(" "):
        case [topic, partition, offset] if partition.isdecimal() and offset.isdecimal():
            return Hint(topic, int(partition), int(offset))
    return None


def _own() -> str:
    return f"{os.getpid()}-"


def _folder(broker: str) -> Path:
    named = broker.replace(os.sep, "_")
    return Path(tempfile.gettempdir(), f"roadworthy-{os.getuid()}", named)


def _make_private(folder: Path) -> None:
    """Make the folder; raises PermissionError when it, or the one above, is others' to write."""
    for each in (folder.parent, folder):
        each.mkdir(mode=0o700, exist_ok=True)
        found = each.lstat()
        private = stat.S_ISDIR(found.st_mode) and not stat.S_IMODE(found.st_mode) & 0o077
        if not private or found.st_uid != os.getuid():
            raise PermissionError(f"{each} isn't ours alone")
