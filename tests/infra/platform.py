"""`roadworthy up` as a process group of its own, to be used, killed and started again."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import IO

import httpx

from infra.servers import INFRA
from roadworthy.embedded.ports import LOOPBACK, bind

READY_SECONDS = 90.0


def free_port() -> int:
    with bind(LOOPBACK, 0) as bound:
        port: int = bound.getsockname()[1]
    return port


class PlatformProcess:
    """One installation: a data folder and a port that outlive the process."""

    def __init__(self, data: Path, topic_prefix: str) -> None:
        self.data = data
        self.port = free_port()
        self.origin = f"http://{LOOPBACK}:{self.port}"
        self.log = data.with_suffix(".log")
        self._process: subprocess.Popen[bytes] | None = None
        self._environment = os.environ | {"PORT": str(self.port), "DATA": str(data)}
        if INFRA != "embedded":
            self._environment |= {"KAFKA_TOPIC_PREFIX": topic_prefix, "KAFKA_PARTITIONS": "3"}
        else:
            self._environment.pop("KAFKA_BOOTSTRAP_SERVERS", None)

    async def start(self) -> None:
        """Start, and return once every service is ready; fails with the log's end."""
        command = Path(sys.executable).with_name("roadworthy")
        with self.log.open("ab") as log:
            self._process = _spawn([str(command), "up"], self._environment, log)
        deadline = asyncio.get_running_loop().time() + READY_SECONDS
        async with httpx.AsyncClient(base_url=self.origin, timeout=5) as client:
            while not await _is_ready(client):
                ended = self._process.poll() is not None
                if ended or asyncio.get_running_loop().time() > deadline:
                    self.kill()
                    raise AssertionError(f"not ready:\n{self.log.read_text()[-4000:]}")
                await asyncio.sleep(0.05)

    def kill(self) -> None:
        """End the whole process group as a power cut would."""
        if self._process is not None:
            with_group = os.getpgid(self._process.pid) if self._process.poll() is None else None
            if with_group is not None:
                os.killpg(with_group, signal.SIGKILL)
            self._process.wait(timeout=10)
            self._process = None

    def stop(self) -> int:
        """Ask it to stop, as Ctrl-C does, and return its exit status."""
        assert self._process is not None
        self._process.send_signal(signal.SIGINT)
        status = self._process.wait(timeout=40)
        self._process = None
        return status

    def login(self, role: str) -> dict[str, str]:
        """Return a client that the first start made."""
        logins: dict[str, dict[str, str]] = json.loads((self.data / "credentials.json").read_text())
        return logins[role]


def _spawn(
    command: list[str], environment: dict[str, str], log: IO[bytes]
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command, env=environment, stdout=log, stderr=log, stdin=subprocess.DEVNULL,
        start_new_session=True,
    )  # fmt: skip


async def _is_ready(client: httpx.AsyncClient) -> bool:
    try:
        return (await client.get("/readyz")).status_code == 200
    except httpx.HTTPError:
        return False
