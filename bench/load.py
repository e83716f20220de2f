"""A load generator: keep-alive connections, each with one request in flight.

`python -m bench.load` reads a Load as JSON and writes a Report as JSON. It is a process of its own,
and plain asyncio streams, since it shares the cores with what it measures: aiohttp would take four
times the CPU for each request.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
import time
from collections import Counter
from dataclasses import asdict, dataclass, field
from statistics import quantiles

import uvloop

from shared.ids import new_event_id

ANSWER_SECONDS = 15.0
_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)


@dataclass(frozen=True)
class Load:
    """What to send, to where, for how long; `keyed` gives each request an Idempotency-Key."""

    port: int
    path: str
    headers: dict[str, str]
    body: str
    connections: int
    seconds: float
    keyed: bool = False
    method: str = "POST"
    status: int = 201
    """What each answer must be."""


@dataclass
class Report:
    """What came of it; `cpu_seconds` are the generator's own."""

    answered: int = 0
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    milliseconds: list[float] = field(default_factory=list)
    statuses: dict[str, int] = field(default_factory=dict)
    last_refusal: str = ""

    def percentile(self, rank: int) -> float:
        """Return the time, in ms, within which so many of a hundred were answered."""
        return quantiles(self.milliseconds, n=100)[rank - 1]


async def fire(load: Load) -> Report:
    """Send until the time is up, and wait for the answers in flight."""
    report, statuses = Report(), Counter[str]()
    began = time.monotonic()

    async def connection() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", load.port)
        while (sent := time.monotonic()) < began + load.seconds:
            writer.write(_request(load))
            async with asyncio.timeout(ANSWER_SECONDS):
                head = await reader.readuntil(b"\r\n\r\n")
                found = _LENGTH.search(head)
                body = await reader.readexactly(int(found[1]) if found else 0)
            status = head[9:12].decode()
            statuses[status] += 1
            if status != str(load.status):
                report.last_refusal = body.decode(errors="replace")
            report.milliseconds.append((time.monotonic() - sent) * 1000)
        writer.close()

    await asyncio.gather(*(connection() for _ in range(load.connections)))
    report.seconds = time.monotonic() - began
    report.answered = sum(statuses.values())
    report.statuses = dict(statuses)
    report.cpu_seconds = time.process_time()
    return report


def _request(load: Load) -> bytes:
    headers = load.headers | {
        "Host": "127.0.0.1",
        "Content-Type": "application/json",
        "Content-Length": str(len(load.body.encode())),
    }
    if load.keyed:
        headers["Idempotency-Key"] = new_event_id()
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"{load.method} {load.path} HTTP/1.1\r\n{lines}\r\n{load.body}".encode()


async def generate(load: Load) -> Report:
    """Run a generator in a process of its own, and return its report."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bench.load",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(load.seconds + 2 * ANSWER_SECONDS):
        out, _ = await process.communicate(json.dumps(asdict(load)).encode())
    report = Report(**json.loads(out))
    if report.last_refusal:
        raise RuntimeError(f"refused: {report.statuses} {report.last_refusal}")
    return report


if __name__ == "__main__":
    json.dump(asdict(uvloop.run(fire(Load(**json.load(sys.stdin))))), sys.stdout)
