"""The platform as production runs it, without containers: a process for each service, and nginx."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import httpx

from infra.nginx import nginx
from infra.waiting import answered
from roadworthy.embedded.ports import LOOPBACK, choose
from roadworthy.gateway import SERVICES

ROADWORTHY = Path(sys.executable).with_name("roadworthy")
READY_SECONDS = 60.0
DRAIN_SECONDS = 30.0


class ServiceProcess:
    """`roadworthy serve NAME`, on a port that outlives the process."""

    def __init__(self, name: str, folder: Path, settings: Mapping[str, str]) -> None:
        self.name = name
        self.port = choose(folder / f"{name}.port")
        self._log = folder / f"{name}.log"
        self._environment = os.environ | settings | {"HOST": LOOPBACK, "PORT": str(self.port)}
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"{LOOPBACK}:{self.port}"

    async def start(self, sign: str = "/readyz") -> None:
        """Start, and return once it is ready, or this path answers; fails with the log's end."""
        self._process = self._spawn()
        await answered(f"http://{self.address}{sign}", self._still_runs, READY_SECONDS)

    def signal(self, number: int) -> None:
        """Send it a signal; one that was killed is waited for."""
        assert self._process is not None
        self._process.send_signal(number)
        if number == signal.SIGKILL:
            self._process.wait()

    async def stop(self) -> int:
        """Ask it to drain, as a container's stop does, and return its exit status."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        return await asyncio.to_thread(self._process.wait, DRAIN_SECONDS)

    def end(self) -> None:
        """Leave nothing running, whatever happened."""
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait()

    def _spawn(self) -> subprocess.Popen[bytes]:
        command = [str(ROADWORTHY), "serve", self.name]
        with self._log.open("ab") as log:
            return subprocess.Popen(
                command, env=self._environment, stdout=log, stderr=log, stdin=subprocess.DEVNULL
            )

    def _still_runs(self) -> None:
        assert self._process is not None
        assert self._process.poll() is None, self._log.read_text()[-4000:]


class Deployment:
    """Services behind a gateway; `settings` is every service's, `own` one's."""

    def __init__(
        self, folder: Path, settings: Mapping[str, str], own: Mapping[str, Mapping[str, str]]
    ) -> None:
        self._folder = folder
        self._databases = {
            f"{name.upper()}_DATABASE_URL": own[name]["DATABASE_URL"] for name in SERVICES
        }
        partner = ServiceProcess("partner", folder, settings | own["partner"])
        common = settings | {"JWKS_URL": f"http://{partner.address}/.well-known/jwks.json"}
        self.services = {"partner": partner} | {
            name: ServiceProcess(name, folder, common | own[name])
            for name in SERVICES
            if name != "partner"
        }
        self.origin = ""

    @asynccontextmanager
    async def running(self) -> AsyncIterator[httpx.AsyncClient]:
        """Migrate, serve, and yield a client of the gateway."""
        await self.migrate()
        async with AsyncExitStack() as stack:
            for service in self.services.values():
                stack.callback(service.end)
            await asyncio.gather(*(service.start() for service in self.services.values()))
            upstreams = {name: service.address for name, service in self.services.items()}
            self.origin = await stack.enter_async_context(
                nginx(self._folder, upstreams, patience="30s")
            )
            yield await stack.enter_async_context(
                httpx.AsyncClient(base_url=self.origin, timeout=40)
            )

    async def migrate(self) -> str:
        """Run `roadworthy migrate` as the one-shot container does, and return what it says."""
        return await self._said("migrate")

    async def operator(self) -> dict[str, str]:
        """Ask for the first way in, as whoever installs the platform does."""
        login: dict[str, str] = json.loads(await self._said("operator"))
        return login

    async def _said(self, command: str) -> str:
        done = await asyncio.to_thread(
            subprocess.run,
            [str(ROADWORTHY), command],
            env=os.environ | self._databases,
            capture_output=True,
            text=True,
            timeout=READY_SECONDS,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout
