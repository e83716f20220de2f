"""A PostgreSQL cluster on disk: made once, served on a loopback port."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from roadworthy.embedded.data import private_folder
from roadworthy.embedded.errors import PartError
from roadworthy.embedded.ports import LOOPBACK
from roadworthy.embedded.process import ended, spawn, tail

ADMIN = "postgres"
INITDB_SECONDS = 120.0
MAX_CONNECTIONS = 200
FORGETFUL = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


@dataclass(frozen=True)
class Cluster:
    """Where the cluster is, which binaries run it, and as whom (None: as ourselves)."""

    folder: Path
    binaries: Path
    user: pwd.struct_passwd | None
    log: Path
    durable: bool

    async def make(self, password: str) -> None:
        """Run initdb aside and move the result here, so that a half-made cluster never counts."""
        draft = self.folder.with_suffix(".draft")
        shutil.rmtree(draft, ignore_errors=True)
        private_folder(draft)
        with tempfile.TemporaryFile() as secret:
            secret.write(password.encode())
            secret.seek(0)
            if self.user:
                os.chown(draft, self.user.pw_uid, self.user.pw_gid)
                os.fchown(secret.fileno(), self.user.pw_uid, self.user.pw_gid)
            words = ["-A", "scram-sha-256", "--pwfile=/dev/stdin", "-U", ADMIN]
            words += ["-E", "UTF8", "--locale=C.UTF-8", *(() if self.durable else ("--no-sync",))]
            process = self._run("initdb", words, draft, secret)
        if not await ended(process, INITDB_SECONDS) or process.returncode:
            process.kill()
            raise PartError(f"initdb failed; its log: {self.log}\n{tail(self.log)}")
        draft.rename(self.folder)

    def serve(self, port: int) -> subprocess.Popen[bytes]:
        """Start the server; when we die it shuts down by itself."""
        options = [
            f"listen_addresses={LOOPBACK}",
            "unix_socket_directories=",
            f"port={port}",
            f"max_connections={MAX_CONNECTIONS}",
            "timezone=UTC",
            *(() if self.durable else FORGETFUL),
        ]
        return self._run("postgres", [w for o in options for w in ("-c", o)], self.folder)

    def _run(
        self, binary: str, words: list[str], folder: Path, stdin: IO[bytes] | None = None
    ) -> subprocess.Popen[bytes]:
        # Another user can't walk through a private home to the folder. An inherited descriptor
        # takes it there without a single permission changed.
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            return spawn(
                [
                    self.binaries / binary,
                    "-D",
                    f"/proc/self/fd/{descriptor}" if self.user else folder,
                    *words,
                ],
                log=self.log,
                death_signal=signal.SIGINT,  # fast shutdown
                user=self.user,
                stdin=stdin or subprocess.DEVNULL,
                pass_fds=[descriptor] if self.user else [],
            )
        finally:
            os.close(descriptor)
