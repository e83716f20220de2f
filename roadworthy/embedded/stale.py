"""What an earlier run left behind: a server that lives on, or only its pid file."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Sequence
from pathlib import Path

import psutil

from roadworthy.embedded.errors import PartError

STOP_SECONDS = 30.0


async def clear_former_server(cluster: Path) -> None:
    """Stop a server that still runs on this cluster; drop a pid file that names another program.

    PostgreSQL itself takes any living process with the noted pid for a server, and in a container
    pids repeat from run to run. So a process counts by what it is: PostgreSQL, with this cluster
    as its working directory. That finds backends that outlived their postmaster, too. A pid file
    that names nobody stays: from it PostgreSQL finds the shared memory that it has to clear away.
    """
    pid_file = cluster / "postmaster.pid"
    if not pid_file.exists():
        return
    noted = int(pid_file.read_text().split("\n", 1)[0])
    former = _servers(cluster)
    for process in former:
        if process.pid == noted:
            _send(process, signal.SIGINT)  # fast shutdown: roll back, checkpoint, end
    if not await _gone(former, STOP_SECONDS):
        for process in former:
            _send(process, signal.SIGQUIT)
        if not await _gone(former, STOP_SECONDS):
            pids = ", ".join(str(process.pid) for process in former if _lives(process))
            raise PartError(f"PostgreSQL of an earlier run doesn't end (process {pids})")
    if psutil.pid_exists(noted):
        pid_file.unlink(missing_ok=True)


def _servers(cluster: Path) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter():
        try:
            if process.name() == "postgres" and Path(process.cwd()) == cluster:
                found.append(process)
        except psutil.Error:  # gone meanwhile, or not ours to look at
            continue
    return found


def _send(process: psutil.Process, number: signal.Signals) -> None:
    try:
        process.send_signal(number)
    except psutil.NoSuchProcess:
        return


def _lives(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


async def _gone(processes: Sequence[psutil.Process], seconds: float) -> bool:
    for _ in range(round(seconds / 0.02)):
        if not any(_lives(process) for process in processes):
            return True
        await asyncio.sleep(0.02)
    return False
