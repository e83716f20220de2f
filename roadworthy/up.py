"""`roadworthy up`: the platform on this machine, and what its user should know first."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from shlex import quote

from roadworthy.client import CREDENTIALS
from roadworthy.embedded.data import DataFolder
from roadworthy.embedded.process import fresh_log
from roadworthy.platform import Platform
from shared import logs, tracing

DEFAULT_DATA = Path(".roadworthy")


def _command(data: Path) -> str:
    command = os.path.relpath(Path(sys.executable).with_name("roadworthy"))
    return command if data == DEFAULT_DATA.absolute() else f"DATA={quote(str(data))} {command}"


def _welcome(origin: str, data: Path, took: float) -> str:
    return f"""
Ready after {took:.1f} s: {origin}  (Ctrl-C stops)

  Try          {_command(data)} demo
  Look         {origin}/ for health and mails, {origin}/docs for the reference
  Credentials  {data / CREDENTIALS}: an operator's, a partner's and a workshop's
  Log          {data}/roadworthy.log
"""


async def up(
    data: Path, port: int, say: Callable[[str], None], *, log_level: str, kafka: str | None
) -> None:
    """Run until cancelled, saying what happens; the rest is in the log."""
    before = time.monotonic()
    with (
        DataFolder(data) as folder,
        fresh_log(folder.path / "roadworthy.log").open("w", buffering=1) as log,
    ):
        logs.configure(log_level, "text", log)
        tracing.configure("roadworthy")
        say(f"Roadworthy starts on {folder.path} ...")
        platform = Platform(folder, port, say, kafka)
        ready = False
        try:
            async with platform.running():
                ready = True
                say(_welcome(platform.origin, folder.path, time.monotonic() - before))
                await asyncio.Event().wait()
        except asyncio.CancelledError:
            say("Stopped; all data is kept." if ready else "Stopped before it was ready.")
            raise
