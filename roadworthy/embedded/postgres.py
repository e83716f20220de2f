"""PostgreSQL on loopback, with a database and a role for each service."""

from __future__ import annotations

import json
import secrets
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

import asyncpg

from roadworthy.embedded.binaries import find_binaries, server_user
from roadworthy.embedded.cluster import ADMIN, Cluster
from roadworthy.embedded.data import private_folder, write_private
from roadworthy.embedded.errors import PartError
from roadworthy.embedded.ports import LOOPBACK
from roadworthy.embedded.process import ended, fresh_log, launch
from roadworthy.embedded.stale import clear_former_server

START_SECONDS = 60.0  # recovery after a kill -9 under load took 0.4 s
STOP_SECONDS = 20.0
CONNECT_SECONDS = 2.0


class Postgres:
    """A server on one folder; `durable=False` gives up the data's safety for speed: for tests."""

    def __init__(
        self, folder: Path, databases: Sequence[str] = (), *, durable: bool = True
    ) -> None:
        self.folder = private_folder(folder.absolute()).resolve()
        self.log = self.folder / "postgres.log"
        self.port = 0
        self._names = tuple(databases)
        self._durable = durable
        self._passwords: dict[str, str] = {}
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def databases(self) -> dict[str, str]:
        """The URL of each service's database, in its own role."""
        return {
            name: f"postgresql+asyncpg://{name}:{self._passwords[name]}@{LOOPBACK}:{self.port}/{name}"
            for name in self._names
        }

    @property
    def admin_url(self) -> str:
        """The superuser's URL, without a driver's name."""
        return f"postgresql://{ADMIN}:{self._passwords[ADMIN]}@{LOOPBACK}:{self.port}/{ADMIN}"

    @property
    def pid(self) -> int | None:
        """The postmaster's process id while it runs."""
        return self._process.pid if self._process and self._process.poll() is None else None

    async def start(self) -> None:
        """Make the cluster if there is none, start the server, add the databases that lack."""
        self._load_passwords()
        user = server_user()
        cluster = Cluster(
            folder=self.folder / "cluster",
            binaries=find_binaries(user),
            user=user,
            log=fresh_log(self.log),
            durable=self._durable,
        )
        if cluster.folder.exists():
            await clear_former_server(cluster.folder)
        else:
            await cluster.make(self._passwords[ADMIN])
        self._process, self.port = await launch(
            cluster.serve,
            self._answers,
            port_file=self.folder / "port",
            log=self.log,
            seconds=START_SECONDS,
        )
        await self._add_databases()

    async def stop(self) -> None:
        """Shut down: clients are disconnected, and what was committed is on disk."""
        process, self._process = self._process, None
        if process is None:
            return
        for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
            process.send_signal(number)
            if await ended(process, STOP_SECONDS):
                return

    async def health(self) -> bool:
        """Tell whether the server answers a query."""
        return self.pid is not None and await self._answers(self.port)

    async def __aenter__(self) -> Postgres:
        try:
            await self.start()
        except BaseException:
            await self.stop()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.stop()

    def _load_passwords(self) -> None:
        kept = self.folder / "passwords.json"
        if kept.exists():
            self._passwords = json.loads(kept.read_text())
        lacking = {ADMIN, *self._names} - self._passwords.keys()
        if lacking:
            self._passwords |= {name: secrets.token_hex(16) for name in lacking}
            write_private(kept, self._passwords)

    async def _answers(self, port: int) -> bool:
        try:
            connection = await self._connect(port)
        except (OSError, asyncpg.CannotConnectNowError):
            return False
        except asyncpg.InvalidPasswordError as error:
            raise PartError(
                f"PostgreSQL in {self.folder} has other passwords than {self.folder}/passwords.json"
            ) from error
        try:
            return bool(await connection.fetchval("SELECT true", timeout=CONNECT_SECONDS))
        finally:
            await connection.close(timeout=CONNECT_SECONDS)

    async def _connect(self, port: int) -> asyncpg.Connection:
        return await asyncpg.connect(
            host=LOOPBACK,
            port=port,
            user=ADMIN,
            password=self._passwords[ADMIN],
            database=ADMIN,
            timeout=CONNECT_SECONDS,
        )

    async def _add_databases(self) -> None:
        connection = await self._connect(self.port)
        try:
            roles = {row[0] for row in await connection.fetch("SELECT rolname FROM pg_roles")}
            there = {row[0] for row in await connection.fetch("SELECT datname FROM pg_database")}
            for name in self._names:
                if name not in roles:
                    password = self._passwords[name]
                    await connection.execute(f"CREATE ROLE \"{name}\" LOGIN PASSWORD '{password}'")
                if name not in there:
                    await connection.execute(f'CREATE DATABASE "{name}" OWNER "{name}"')
                    await connection.execute(f'REVOKE CONNECT ON DATABASE "{name}" FROM PUBLIC')
        finally:
            await connection.close(timeout=CONNECT_SECONDS)
