"""`roadworthy clock`: what time it is in the sandbox, and putting it forward."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from roadworthy.client import clients

CLOCK = "/v1/sandbox/clock"


async def read(data: Path) -> str:
    """Ask for the business time; raises PartError where there is none to ask for."""
    async with clients(data) as made:
        return _said(await made["operator"].get(CLOCK))


async def advance(data: Path, **to: str) -> str:
    """Put business time forward, by `advance` or to `now`; raises PartError when that's refused."""
    async with clients(data) as made:
        return _said(await made["operator"].post(CLOCK, to))


def _said(clock: dict[str, Any]) -> str:
    ahead = "as on the wall" if clock["ahead"] == "PT0S" else f"{clock['ahead']} ahead"
    return f"{clock['now']}  {ahead}"
