"""Loopback ports: which are free, and which one a part had before."""

from __future__ import annotations

import secrets
import socket
from pathlib import Path

from roadworthy.embedded.errors import PartError

LOOPBACK = "127.0.0.1"
RANGE = range(20_000, 32_000)
"""Below what systems use for outgoing connections, which could hold a former port."""
ATTEMPTS = 100
PORTS = range(1, 65_536)


def bind(host: str, port: int) -> socket.socket:
    """Take a port, without listening yet; raises PartError, naming the way out, when it's taken."""
    taken = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    # As servers do, or a port whose last connections linger in TIME_WAIT would look taken.
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        taken.bind((host, port))
    except OSError as error:
        taken.close()
        raise _cannot_be_had(host, port, error) from error
    return taken


def listen(bound: socket.socket, backlog: int) -> None:
    """Take connections from now on; raises PartError where another that bound it listens by now."""
    try:
        bound.listen(backlog)
    except OSError as error:
        host, port = bound.getsockname()
        raise _cannot_be_had(host, port, error) from error


def _cannot_be_had(host: str, port: int, error: OSError) -> PartError:
    other = port + 1 if port < PORTS[-1] else port - 1
    return PartError(
        f"Port {port} on {host} can't be had ({error.strerror}). Stop the program that has it, "
        f"or choose another port, as in: PORT={other}"
    )


def is_free(port: int) -> bool:
    """Tell whether a server could listen on loopback there now."""
    try:
        bind(LOOPBACK, port).close()
    except PartError:
        return False
    return True


def choose(remembered: Path) -> int:
    """Return the port written in this file if it is free, else any free one."""
    try:
        port = int(remembered.read_text())
    except (FileNotFoundError, ValueError):
        port = 0
    if port and is_free(port):
        return port
    for _ in range(ATTEMPTS):
        port = secrets.choice(RANGE)
        if is_free(port):
            return port
    raise PartError(f"No free port on {LOOPBACK} in {ATTEMPTS} attempts")


def remember(file: Path, port: int) -> None:
    """Write the port down for the next start, whole or not at all: others wait for it there."""
    line = f"{port}\n"
    if file.exists() and file.read_text() == line:
        return
    draft = file.with_name(f".{file.name}.draft")
    draft.write_text(line)
    draft.replace(file)
