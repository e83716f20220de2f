"""Partners' JavaScript: `standardwebhooks` and `svix` of npm judge what arrived on a socket."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from infra.access import SigningKeys
from infra.databases import MakeDatabase
from infra.notifying import notifier_settings
from infra.receiver import Request, receiving
from infra.webhooks import Subscriber, at_work
from services.notifier.event_types import catalog
from services.notifier.main import build

HERE = Path("tests/javascript")
INSTALL_SECONDS = 45

Judge = Callable[[str, list[tuple[Mapping[str, str], bytes]]], list[dict[str, bool]]]


@pytest.fixture(scope="module")
def judge(tmp_path_factory: pytest.TempPathFactory) -> Judge:
    """Install both libraries, where Node is and npm reaches its registry."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        pytest.skip("Node and npm aren't here")
    folder = tmp_path_factory.mktemp("javascript")
    shutil.copy(HERE / "package.json", folder)
    command = [npm, "install", "--silent", "--no-fund", "--no-audit", "--ignore-scripts"]
    try:
        installed = subprocess.run(
            command, cwd=folder, capture_output=True, check=False, timeout=INSTALL_SECONDS
        )
    except subprocess.TimeoutExpired:
        pytest.skip(f"npm installed nothing in {INSTALL_SECONDS} s")
    if installed.returncode:
        pytest.skip(f"npm couldn't install: {installed.stderr.decode()[-200:]}")

    def judged(
        secret: str, deliveries: list[tuple[Mapping[str, str], bytes]]
    ) -> list[dict[str, bool]]:
        asked = [{"headers": dict(headers), "body": body.decode()} for headers, body in deliveries]
        answer = subprocess.run(
            [node, str((HERE / "verify.mjs").absolute())],
            input=json.dumps({"secret": secret, "deliveries": asked}).encode(),
            cwd=folder,
            capture_output=True,
            check=True,
            timeout=30,
        )
        verdicts: list[dict[str, bool]] = json.loads(answer.stdout)
        return verdicts

    return judged


@pytest_asyncio.fixture(scope="module")
async def told(
    module_database: MakeDatabase, keys: SigningKeys, judge: Judge
) -> tuple[str, list[Request]]:
    """Have a test of each type delivered; return the secret, and what arrived."""
    service = build(notifier_settings(await module_database("notifier")), keys=keys)
    async with at_work(service, "deliveries"), receiving() as receiver:
        dealer = Subscriber(service, keys)
        endpoint = await dealer.register(receiver.url)
        for event_type in catalog():
            path = f"/v1/webhook-endpoints/{endpoint['id']}/test"
            await dealer.post(path, {"type": event_type})
        arrived = await receiver.first(len(catalog()))
    return endpoint["secret"], arrived


@pytest.mark.seed(27)
def test_both_accept_a_test_event_of_each_type(
    told: tuple[str, list[Request]], judge: Judge
) -> None:
    secret, arrived = told
    assert {each.json["type"] for each in arrived} == set(catalog())
    assert all(each.json["test"] for each in arrived)
    verdicts = judge(secret, [(each.headers, each.body) for each in arrived])
    assert verdicts == [{"standardwebhooks": True, "svix": True}] * len(arrived)


@pytest.mark.seed(27)
def test_both_refuse_every_forgery(told: tuple[str, list[Request]], judge: Judge) -> None:
    secret, [request, *_] = told
    headers: dict[str, Any] = dict(request.headers)
    stale = str(int(headers["webhook-timestamp"]) - 600)
    forgeries = [
        (headers, request.body.replace(b'"test":true', b'"test":false')),
        (headers | {"webhook-id": "other"}, request.body),
        (headers | {"webhook-timestamp": stale}, request.body),
        (headers | {"webhook-signature": "v1,AAAA"}, request.body),
        ({k: v for k, v in headers.items() if k != "webhook-signature"}, request.body),
    ]
    assert all(body != request.body for _, body in forgeries[:1])
    verdicts = judge(secret, forgeries)
    assert verdicts == [{"standardwebhooks": False, "svix": False}] * len(forgeries)
