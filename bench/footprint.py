"""What the whole platform costs before anybody uses it, against one service alone."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.access import serving_access
from bench.children import ROADWORTHY, Child, child
from bench.parts import parts
from bench.turns import Figure, Sample, figure, take_turns

IDLE_SECONDS = 5.0
COLD, WARM = "roadworthy up, first start", "roadworthy up, second start"
ALONE = "roadworthy serve quote, parts not counted"
UNITS = ("seconds to ready", "MB of memory", "CPU % idle")


async def measure() -> Sequence[Figure]:
    """Start each until it is ready, leave it alone for five seconds, and stop it."""
    async with parts({"quote": "quote"}) as made, serving_access() as access:
        settings = made.environment("quote") | {"JWKS_URL": access.jwks_url}
        kept = made.folder / "kept"

        async def cold() -> Sample:
            with TemporaryDirectory(prefix="roadworthy-bench-") as fresh:
                return await _run(["up"], {"DATA": f"{fresh}/data"}, made.folder)

        async def warm() -> Sample:
            return await _run(["up"], {"DATA": str(kept)}, made.folder)

        async def alone() -> Sample:
            return await _run(["serve", "quote"], settings, made.folder)

        samples = await take_turns({COLD: cold, WARM: warm, ALONE: alone})
    return [figure(side, unit, samples, side, ALONE) for side in (COLD, WARM) for unit in UNITS]


async def _run(words: Sequence[str], environment: dict[str, str], folder: Path) -> Sample:
    async with child([ROADWORTHY, *words], environment, folder / "footprint.log") as started:
        before = _cpu_seconds(started)
        await asyncio.sleep(IDLE_SECONDS)
        idle = (_cpu_seconds(started) - before) / IDLE_SECONDS
        memory = sum(process.memory_full_info().pss for process in started.tree())
        seconds = started.ready_after
    return dict(zip(UNITS, (seconds, memory / 1e6, idle * 100), strict=True))


def _cpu_seconds(started: Child) -> float:
    times = [process.cpu_times() for process in started.tree()]
    return float(sum(each.user + each.system for each in times))
