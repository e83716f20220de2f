"""How much longer a partner waits for its quotes beside one that asks for 150 at once."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from bench.access import serving_access
from bench.children import ROADWORTHY, child
from bench.load import Load, generate
from bench.parts import parts
from bench.quotes import BODY
from bench.turns import Figure, Sample, figure, take_turns
from shared.ids import new_id

CONNECTIONS, AT_ONCE = 2, 150
SECONDS = 4.0
SOONER = 0.5
"""By so many seconds its neighbour begins before it, and ends after it."""

ALONE, BESIDE = "2 at once, alone", "2 at once, beside 150 of another's"


async def measure() -> Sequence[Figure]:
    """Post quotes for four seconds at a time, with a neighbour and without."""
    async with parts({"quote": "quote"}) as made, serving_access() as access:
        settings = made.environment("quote") | {"JWKS_URL": access.jwks_url}
        command: list[str | Path] = [ROADWORTHY, "serve", "quote"]
        async with child(command, settings, made.folder / "quote.log") as service:
            load = Load(
                port=service.port,
                path="/v1/quotes",
                headers=access.headers("partner", new_id("par")),
                body=json.dumps(BODY),
                connections=CONNECTIONS,
                seconds=SECONDS,
            )
            flood = replace(
                load,
                headers=access.headers("partner", new_id("par")),
                connections=AT_ONCE,
                seconds=SECONDS + 2 * SOONER,
            )

            async def alone() -> Sample:
                report = await generate(load)
                return {
                    "ms p50": report.percentile(50),
                    "ms p99": report.percentile(99),
                    "quotes/s": report.answered / report.seconds,
                }

            async def beside() -> Sample:
                flooding = asyncio.create_task(generate(flood))
                await asyncio.sleep(SOONER)
                sample = await alone()
                theirs = await flooding
                return {**sample, "theirs/s": theirs.answered / theirs.seconds}

            samples = await take_turns({ALONE: alone, BESIDE: beside})
    return [
        figure("POST /v1/quotes beside a flood", unit, samples, BESIDE, ALONE)
        for unit in ("ms p50", "ms p99")
    ]
