"""`roadworthy up`: the platform on this machine, and what its user should know first."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from roadworthy.client import CREDENTIALS
from roadworthy.embedded.data import DataFolder
from roadworthy.gateway import SERVICES
from roadworthy.platform import Platform


def _welcome(origin: str, data: Path, took: float) -> str:
    return f"""
Ready after {took:.1f} s: {origin}  (Ctrl-C stops)

  Try          DATA={data} {sys.argv[0]} demo
  Look         {origin}/ for health and mails, {origin}/docs for the reference
  Credentials  {data / CREDENTIALS}: an operator's, a partner's and a workshop's
"""


async def up(
    data: Path, port: int, say: Callable[[str], None], names: Sequence[str] = SERVICES
) -> None:
    """Run until cancelled."""
    before = time.monotonic()
    with DataFolder(data) as folder:
        say(f"Roadworthy starts on {folder.path} ...")
        platform = Platform(folder, port, say, names)
        ready = False
        try:
            async with platform.running():
                ready = True
                say(_welcome(platform.origin, folder.path, time.monotonic() - before))
                await asyncio.Event().wait()
        finally:
            if ready:
                say("Stopped; all data is kept.")
