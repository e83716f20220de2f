"""`roadworthy up`: the platform on this machine, and what its user should know first."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from roadworthy.embedded.data import DataFolder
from roadworthy.gateway import SERVICES
from roadworthy.platform import Platform


async def up(
    data: Path, port: int, say: Callable[[str], None], names: Sequence[str] = SERVICES
) -> None:
    """Run until cancelled."""
    before = time.monotonic()
    with DataFolder(data) as folder:
        say(f"Roadworthy starts on {folder.path} ...")
        platform = Platform(folder, port, say, names)
        try:
            async with platform.running():
                took = time.monotonic() - before
                say(f"Ready after {took:.1f} s: {platform.origin} (Ctrl-C stops)")
                try:
                    await asyncio.Event().wait()
                finally:
                    say("Draining ...")
        finally:
            say("Stopped; all data is kept.")
