"""How much of a bare endpoint's throughput is left once a quote is priced, kept and published."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import replace

from bench.access import serving_access
from bench.children import ROADWORTHY, Child, child
from bench.load import Load, generate
from bench.parts import Parts, parts, until_published
from bench.turns import Figure, Sample, figure, take_turns

CONNECTIONS = 16
SECONDS = 4.0
BODY = {
    "vehicle": {"vin": "1HGCM82633A004352", "mileage": 84000},
    "items": [{"service": "detailing"}, {"service": "brakes", "quantity": 2}],
}
OURS, KEYED = "roadworthy serve quote", "the same, with Idempotency-Key"
BARE = "bare FastAPI + asyncpg, same rows"


async def measure() -> Sequence[Figure]:
    """Post quotes to the service and to the baseline, 16 in flight, four seconds at a time."""
    async with parts({"quote": "quote", "bare": "quote"}) as made, serving_access() as access:
        settings = made.environment("quote") | {"JWKS_URL": access.jwks_url}
        bare_command = [sys.executable, "-m", "bench.bare_quotes"]
        async with (
            child([ROADWORTHY, "serve", "quote"], settings, made.folder / "quote.log") as ours,
            child(bare_command, made.environment("bare"), made.folder / "bare.log") as bare,
        ):
            to_ours = Load(
                port=ours.port,
                path="/v1/quotes",
                headers=access.headers(),
                body=json.dumps(BODY),
                connections=CONNECTIONS,
                seconds=SECONDS,
            )
            samples = await take_turns(
                {
                    OURS: lambda: _sample(made, ours, to_ours),
                    KEYED: lambda: _sample(made, ours, replace(to_ours, keyed=True)),
                    BARE: lambda: _sample(made, bare, replace(to_ours, port=bare.port)),
                }
            )
    return [
        figure(what, unit, samples, side, BARE)
        for side, what in ((OURS, "POST /v1/quotes"), (KEYED, "  with Idempotency-Key"))
        for unit in ("requests/s", "CPU µs/request")
    ]


async def _sample(made: Parts, server: Child, load: Load) -> Sample:
    before = server.cpu_seconds()
    report = await generate(load)
    await until_published(made, "quote")
    spent = server.cpu_seconds() - before
    return {
        "requests/s": report.answered / report.seconds,
        "CPU µs/request": spent / report.answered * 1e6,
        "ms p50": report.percentile(50),
        "ms p99": report.percentile(99),
        "CPU µs of the client": report.cpu_seconds / report.answered * 1e6,
    }
