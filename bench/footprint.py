"""What the whole platform costs before anybody uses it, against one service alone."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Sequence
from pathlib import Path

import psutil

from bench.access import serving_access
from bench.children import ROADWORTHY, Child, child
from bench.parts import parts
from bench.turns import Figure, Sample, figure, take_turns

SETTLE_SECONDS = 1.0
IDLE_SECONDS = 5.0
COLD, WARM = "roadworthy up, first start", "roadworthy up, second start"
ALONE = "serve quote, its parts not counted"
SECONDS, MEMORY, IDLE = "seconds to ready", "MB of memory", "% of a core, idle"


async def measure() -> Sequence[Figure]:
    """Start each until it is ready, leave it alone for six seconds, and stop it."""
    async with parts({"quote": "quote"}) as made, serving_access() as access:
        settings = made.environment("quote") | {"JWKS_URL": access.jwks_url}
        data = made.folder / "data"

        async def cold() -> Sample:
            shutil.rmtree(data, ignore_errors=True)
            return await _run(["up"], {"DATA": str(data)}, made.folder)

        async def warm() -> Sample:
            return await _run(["up"], {"DATA": str(data)}, made.folder)

        async def alone() -> Sample:
            return await _run(["serve", "quote"], settings, made.folder)

        samples = await take_turns({COLD: cold, WARM: warm, ALONE: alone}, warm_up=False)
    wanted = ((COLD, SECONDS), (WARM, SECONDS), (WARM, MEMORY), (WARM, IDLE))
    return [figure(side, unit, samples, side, ALONE) for side, unit in wanted]


async def _run(words: Sequence[str], environment: dict[str, str], folder: Path) -> Sample:
    async with child([ROADWORTHY, *words], environment, folder / "footprint.log") as started:
        await asyncio.sleep(SETTLE_SECONDS)
        before = _cpu_seconds(started)
        await asyncio.sleep(IDLE_SECONDS)
        idle = (_cpu_seconds(started) - before) / IDLE_SECONDS
        memory = sum(_own_bytes(process) for process in started.tree())
    return {SECONDS: started.ready_after, MEMORY: memory / 1e6, IDLE: idle * 100}


def _own_bytes(process: psutil.Process) -> int:
    """Count shared pages in part, where the system says how many share them (Linux)."""
    info = process.memory_full_info()
    return int(getattr(info, "pss", info.uss))


def _cpu_seconds(started: Child) -> float:
    times = [process.cpu_times() for process in started.tree()]
    return float(sum(each.user + each.system for each in times))
