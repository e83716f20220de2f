"""What a newcomer sees: the demo against a platform of one machine."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from standardwebhooks import Webhook

from infra.fast_forward import log_in
from infra.guide import Guide
from infra.launcher import Launcher, launched
from infra.waiting import eventually
from roadworthy.embedded.ports import choose

QUOTE = {"vehicle": {"vin": "1HGCM82633A004352"}, "items": [{"service": "detailing"}]}
WEBHOOK = {"type": "quote.created", "subject": "quo_1"}
WEBHOOKS = [
    "service.created", "service.updated", "service.completed",
    "booking.created", "booking.updated", "booking.completed",
]  # fmt: skip


@pytest_asyncio.fixture(scope="module")
async def platform(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Launcher]:
    with launched(tmp_path_factory.mktemp("demo") / "data") as launcher:
        await launcher.ready()
        yield launcher


def roadworthy(platform: Launcher, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "roadworthy", *words, "--data", str(platform.data)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=100)


def test_what_the_guide_for_newcomers_says_works(platform: Launcher, tmp_path: Path) -> None:
    guide = Guide("getting-started.md")
    done = guide.follow(tmp_path, platform)
    assert done.returncode == 0, done.stdout + done.stderr
    said = iter(done.stdout.splitlines())
    assert [answer for answer in guide.answers if answer not in said] == []  # in their order
    received = (tmp_path / "received.txt").read_text().split()[::3]
    assert sorted(received) == [
        "booking.created", "service.completed", "service.created", "service.updated",
    ]  # fmt: skip


@pytest.mark.seed(27)
def test_the_readme_s_receiver_takes_what_is_signed_and_nothing_else(tmp_path: Path) -> None:
    port = str(choose(tmp_path / "port"))
    source = Guide("../README.md").files["hook.py"].replace("3000", port)
    (tmp_path / "hook.py").write_text(source)
    secret, now, body = f"whsec_{'A' * 43}=", datetime.now(UTC), json.dumps(WEBHOOK)
    headers = {
        "webhook-id": "1",
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(secret).sign("1", now, body),
    }
    with subprocess.Popen(
        [sys.executable, "hook.py"],
        cwd=tmp_path,
        env={**os.environ, "SECRET": secret},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as hook:
        try:
            url = f"http://127.0.0.1:{port}/hook"
            until_it_listens = httpx.HTTPTransport(retries=6)
            with httpx.Client(transport=until_it_listens) as client:
                taken = client.post(url, content=body, headers=headers)
                forged = client.post(url, content=body + " ", headers=headers)
            assert (taken.status_code, forged.status_code) == (204, 400)
        finally:
            hook.kill()
        assert hook.stdout is not None
        assert hook.stdout.read() == "quote.created quo_1\n"


@pytest.mark.seed(7, 12, 23, 24, 25, 27, 36, 42, 52, 57)
def test_the_demo_shows_every_webhook_and_mail_twice_over(platform: Launcher) -> None:
    for _ in range(2):
        done = roadworthy(platform, "demo")
        assert done.returncode == 0, done.stdout + done.stderr
        shown = [line.split()[1] for line in done.stdout.splitlines() if "  webhook  " in line]
        assert [each for each in shown if each in WEBHOOKS] == [
            "service.created", "service.updated", "service.completed",
            "booking.created", "booking.updated", "booking.completed",
        ]  # fmt: skip
        assert done.stdout.count("verified by standardwebhooks and svix") == len(shown)
        mails = re.findall(r"^  mail     (.+)$", done.stdout, re.MULTILINE)
        assert len(mails) >= 5
        assert any(".ics" in mail for mail in mails)


@pytest.mark.seed(5)
async def test_the_mail_of_a_quote_leads_to_its_checkout_page(platform: Launcher) -> None:
    assert roadworthy(platform, "demo").returncode == 0
    async with httpx.AsyncClient(base_url=platform.origin) as client:
        console = (await client.get("/")).text
        for mail in re.findall(r"/mail/[^\"]+", console):
            links = re.findall(r"http://[^\s\"<]+/checkout/quo_\w+", (await client.get(mail)).text)
            if links:
                break
        page = await client.get(links[0])
    assert page.status_code == 200
    assert "Paid. The work is ordered." in page.text


@pytest.mark.seed(9, 69)
async def test_the_sandboxs_clock_goes_forward_by_command(platform: Launcher) -> None:
    assert roadworthy(platform, "clock").stdout.endswith("as on the wall\n")
    async with httpx.AsyncClient(base_url=platform.origin, timeout=30) as client:
        headers = await log_in(client, platform.login("partner"))
        quote = (await client.post("/v1/quotes", json=QUOTE, headers=headers)).json()
        assert roadworthy(platform, "clock", "advance", "P8D").stdout.endswith("P8D ahead\n")

        async def expired() -> bool:
            path = f"/v1/quotes/{quote['id']}"
            return (await client.get(path, headers=headers)).json()["status"] == "expired"

        await eventually(expired, 20)
    back = roadworthy(platform, "clock", "set", "2026-01-01T00:00:00Z")
    assert back.returncode == 1
    assert "Time only goes forward." in back.stderr


def test_without_a_platform_the_demo_says_what_to_do(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    nowhere = tmp_path_factory.mktemp("nowhere")
    command = [sys.executable, "-m", "roadworthy", "demo", "--data", str(nowhere)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)
    assert done.returncode == 1
    assert "roadworthy up" in done.stderr
    assert "Traceback" not in done.stderr
