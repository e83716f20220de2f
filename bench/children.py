"""Processes that are measured: started, waited for until they are ready, drained at the end."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import psutil

from roadworthy.embedded.ports import LOOPBACK, bind
from roadworthy.embedded.process import tail

ROADWORTHY = Path(sys.executable).with_name("roadworthy")
ROOT = Path(__file__).resolve().parent.parent
READY_SECONDS = 90.0
STOP_SECONDS = 40.0
POLL_SECONDS = 0.1  # each look makes every part of a platform answer


class NotReady(RuntimeError):
    """A process ended, or wasn't ready in time; the message has the end of its log."""


class Child:
    """A running process that serves HTTP on loopback."""

    def __init__(self, process: asyncio.subprocess.Process, port: int) -> None:
        self._process = psutil.Process(process.pid)
        self.port = port
        self.origin = f"http://{LOOPBACK}:{port}"
        self.ready_after = 0.0

    def cpu_seconds(self) -> float:
        """The CPU time of the process by now, user and system; its children are not counted."""
        times = self._process.cpu_times()
        return float(times.user + times.system)

    def tree(self) -> list[psutil.Process]:
        """List the process and all below it."""
        return [self._process, *self._process.children(recursive=True)]


def free_port() -> int:
    """Find a port that nobody listens on."""
    with bind(LOOPBACK, 0) as bound:
        port: int = bound.getsockname()[1]
    return port


@asynccontextmanager
async def child(
    command: Sequence[str | Path], environment: dict[str, str], log: Path
) -> AsyncIterator[Child]:
    """Run a command that serves HTTP on the `PORT` it is given, ready when `/readyz` says 200."""
    port = free_port()
    began = time.monotonic()
    with log.open("ab") as output:
        process = await asyncio.create_subprocess_exec(
            *map(str, command),
            env=os.environ | {"HOST": LOOPBACK, "PORT": str(port)} | environment,
            cwd=ROOT,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    started = Child(process, port)
    try:
        await _until_ready(process, started.origin, log)
        started.ready_after = time.monotonic() - began
        yield started
    finally:
        await _stop(process)


async def _until_ready(process: asyncio.subprocess.Process, origin: str, log: Path) -> None:
    deadline = time.monotonic() + READY_SECONDS
    timeout = aiohttp.ClientTimeout(total=5)
    async with aiohttp.ClientSession(timeout=timeout) as session:
        while not await _is_ready(session, origin):
            if process.returncode is not None or time.monotonic() > deadline:
                raise NotReady(tail(log, lines=30))
            await asyncio.sleep(POLL_SECONDS)


async def _is_ready(session: aiohttp.ClientSession, origin: str) -> bool:
    try:
        async with session.get(f"{origin}/readyz") as answer:
            return answer.status == 200
    except (aiohttp.ClientError, TimeoutError):
        return False


async def _stop(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    process.send_signal(signal.SIGINT)
    try:
        async with asyncio.timeout(STOP_SECONDS):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
