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


def is_free(port: int, host: str = LOOPBACK) -> bool:
    """Tell whether a server could listen there now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # As servers do, or a port whose last connections linger in TIME_WAIT would look taken.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def require_free_port(port: int, host: str = LOOPBACK) -> None:
    """Raise PartError, naming the way out, when something else listens there."""
    if not is_free(port, host):
        raise PartError(
            f"Port {port} on {host} is taken by another program. "
            f"Stop it, or choose another port: PORT={port + 1} roadworthy up"
        )


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
    """Write the port down for the next start."""
    file.write_text(f"{port}\n")
