"""Child processes: started so that they end with us, and awaited for a bounded time."""

from __future__ import annotations

import asyncio
import ctypes
import os
import pwd
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import IO

from roadworthy.embedded import ports
from roadworthy.embedded.errors import PartError

POLL_SECONDS = 0.01
PORT_ATTEMPTS = 3
PR_SET_PDEATHSIG = 1  # linux/prctl.h

_libc = ctypes.CDLL(None, use_errno=True)


def spawn(
    command: Sequence[str | Path],
    *,
    log: Path,
    death_signal: signal.Signals = signal.SIGKILL,
    user: pwd.struct_passwd | None = None,
    stdin: IO[bytes] | int = subprocess.DEVNULL,
    pass_fds: Sequence[int] = (),
) -> subprocess.Popen[bytes]:
    """Start a child whose output goes to `log`; call it from a thread that lives as long as we do.

    On Linux the kernel sends the child `death_signal` when we die, kill -9 included (it does so
    when the *thread* that forked ends, hence the rule above).
    """
    parent = os.getpid()

    def die_with_the_parent() -> None:
        if sys.platform == "linux":
            _libc.prctl(PR_SET_PDEATHSIG, death_signal.value)
            if os.getppid() != parent:
                os._exit(1)  # it died before the kernel was told

    with log.open("ab") as output:
        return subprocess.Popen(
            [str(word) for word in command],
            stdin=stdin,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd="/",
            user=user.pw_uid if user else None,
            group=user.pw_gid if user else None,
            extra_groups=[] if user else None,
            pass_fds=pass_fds,
            start_new_session=True,  # a Ctrl-C in the terminal is the launcher's to handle
            preexec_fn=die_with_the_parent,
        )


async def ended(process: subprocess.Popen[bytes], seconds: float) -> bool:
    """Wait for the end of a child, at most so long; tell whether it came."""
    for _ in range(round(seconds / POLL_SECONDS)):
        if process.poll() is not None:
            return True
        await asyncio.sleep(POLL_SECONDS)
    return process.poll() is not None


async def launch(
    start: Callable[[int], subprocess.Popen[bytes]],
    answers: Callable[[int], Awaitable[bool]],
    *,
    port_file: Path,
    log: Path,
    seconds: float,
) -> tuple[subprocess.Popen[bytes], int]:
    """Start a server on its former port or a free one, and wait until it answers there."""
    for _ in range(PORT_ATTEMPTS):
        port = ports.choose(port_file)
        process = start(port)
        deadline = asyncio.get_running_loop().time() + seconds
        while process.poll() is None and asyncio.get_running_loop().time() < deadline:
            if await answers(port):
                ports.remember(port_file, port)
                return process, port
            await asyncio.sleep(POLL_SECONDS)
        if process.poll() is None:
            process.kill()
            process.wait()
            raise PartError(f"No answer on port {port} in {seconds} s; its log: {log}\n{tail(log)}")
        if ports.is_free(port):
            break  # it wasn't the port: another one won't help
    raise PartError(f"Ended at once with status {process.returncode}; its log: {log}\n{tail(log)}")


def fresh_log(path: Path) -> Path:
    """Begin a log anew, keeping the one of the last run beside it."""
    if path.exists():
        path.replace(path.with_suffix(".old.log"))
    return path


def tail(log: Path, lines: int = 10) -> str:
    """Return the end of a log."""
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:]) if log.exists() else ""
