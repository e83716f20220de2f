"""`roadworthy up`, as its user meets it: ready, looked at, stopped, killed, and started again."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import aiosmtplib
import asyncpg
import httpx
import psutil
import pytest
import pytest_asyncio

from infra.delivering import receivers
from infra.happenings import event, publish
from infra.launcher import Launcher, launched
from infra.plumbing import driverless
from infra.servers import INFRA
from infra.waiting import eventually
from roadworthy.gateway import SERVICES
from shared.ids import new_id
from shared.kafka import Kafka
from shared.settings import ServiceSettings

# A given Kafka is not the platform's to start again.
OWN_PARTS = {"postgres": "PostgreSQL"} | ({"tansu": "Kafka broker"} if INFRA == "embedded" else {})

QUOTE = {"vehicle": {"vin": "1HGCM82633A004352"}, "items": [{"service": "detailing"}]}
WAITING = "SELECT true FROM pg_locks WHERE NOT granted AND relation = 'inbox'::regclass"
LONG_ENOUGH_TO_JOIN = 5.0


def kill(launcher: Launcher, program: str) -> psutil.Process:
    parts = psutil.Process(launcher.process.pid).children()
    [part] = [each for each in parts if each.name().startswith(program)]
    part.kill()
    return part


@pytest_asyncio.fixture(scope="module")
async def running(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Launcher]:
    with launched(tmp_path_factory.mktemp("platform") / "data") as launcher:
        await launcher.ready()
        yield launcher


async def test_it_is_ready_when_every_part_of_every_service_is(running: Launcher) -> None:
    said = await running.ready()
    assert set(said["services"]) == set(SERVICES)
    assert all(all(parts.values()) for parts in said["services"].values())


def test_it_lives(running: Launcher) -> None:
    assert httpx.get(f"{running.origin}/healthz").json() == {"status": "alive"}


def test_it_gives_a_token_for_each_role(running: Launcher) -> None:
    for role in ("partner", "workshop", "operator"):
        words = [sys.executable, "-m", "roadworthy", "token", role, "--data", str(running.data)]
        token = subprocess.check_output(words, text=True, timeout=30).strip()
        headers = {"Authorization": f"Bearer {token}"}
        answer = httpx.get(f"{running.origin}/v1/workshops", headers=headers)
        assert answer.status_code == 200


def test_it_says_where_everything_is(running: Launcher) -> None:
    status = running.status()
    assert status["http"] == running.origin
    assert set(status["databases"]) == set(status["services"]) == set(SERVICES)
    assert status["ready"]
    assert Path(status["mail"]).is_relative_to(running.data)
    assert f"{running.origin}" in running.said()
    assert "credentials.json" in running.said()


async def test_its_console_shows_mails_that_can_do_no_harm(running: Launcher) -> None:
    host, port = running.status()["smtp"].split(":")
    html = "<p>Hello</p><script>alert(1)</script>"
    mail = f"Subject: A <b>bold</b> one\r\nContent-Type: text/html\r\n\r\n{html}"
    await aiosmtplib.send(
        mail, sender="a@b.example", recipients=["c@d.example"], hostname=host, port=int(port)
    )

    async with httpx.AsyncClient(base_url=running.origin) as http:
        overview = await http.get("/")
        assert "A &lt;b&gt;bold&lt;/b&gt; one" in overview.text
        link = overview.text.split('href="/mail/')[1].split('"')[0]
        page = await http.get(f"/mail/{link}")
        assert "<script>" not in page.text
        assert "default-src 'none'" in page.headers["content-security-policy"]
        assert (await http.get("/mail/nothing")).json()["code"] == "not-found"
        assert (await http.get("/", headers={"Host": "evil.example"})).status_code == 400


def test_what_is_nobodys_is_a_problem(running: Launcher) -> None:
    answer = httpx.get(f"{running.origin}/v1/nothing")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "not-found"
    assert answer.json()["detail"] == "There is no such path."
    refused = httpx.put(f"{running.origin}/v1/quotes")
    assert (refused.status_code, refused.json()["detail"]) == (405, "This path takes GET, POST.")


def test_a_second_launcher_is_refused_in_words(running: Launcher) -> None:
    words = [sys.executable, "-m", "roadworthy", "up"]
    again = {"DATA": str(running.data), "PORT": "1"}
    other = {"DATA": f"{running.data}-2", "PORT": str(running.port)}
    for environment, expected in ((again, "DATA="), (other, "PORT=")):
        refused = subprocess.run(
            words,
            env=os.environ | environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert refused.returncode == 1
        assert expected in refused.stderr
        assert "Traceback" not in refused.stderr


async def test_a_broker_and_a_database_that_die_are_started_again(running: Launcher) -> None:
    for program, part in OWN_PARTS.items():
        process = kill(running, program)
        await eventually(lambda gone=process: not gone.is_running())
        await running.ready()
        await eventually(lambda part=part: f"{part}: runs again" in running.said(), 30)


@pytest.mark.seed(28, 29)
@pytest.mark.skipif(INFRA != "embedded", reason="a given Kafka is not the platform's to replace")
async def test_a_broker_that_dies_hides_nothing_from_whoever_is_busy_meanwhile(
    running: Launcher,
) -> None:
    """What a busy consumer acknowledges later are offsets of a log that isn't there any more."""
    status = running.status()
    notifier = await asyncpg.connect(driverless(status["databases"]["notifier"]))
    bus = ServiceSettings(
        database_url="postgresql://", kafka_bootstrap_servers=status["kafka"], kafka_embedded=True
    )
    async with receivers() as listening, httpx.AsyncClient(base_url=running.origin) as http:
        form = {"grant_type": "client_credentials"} | running.login("partner")
        token = (await http.post("/v1/auth/token", data=form)).json()["access_token"]
        http.headers["Authorization"] = f"Bearer {token}"
        endpoint = {"url": f"{listening.origin}/ok", "events": ["quote.created"]}
        assert (await http.post("/v1/webhook-endpoints", json=endpoint)).is_success
        async with notifier.transaction():
            await notifier.execute("LOCK TABLE inbox IN EXCLUSIVE MODE")
            # What isn't published again makes this log longer than the next one will be.
            others = [
                event("quote.created", partner_id=new_id("par"), id=new_id("quo"))
                for _ in range(60)
            ]
            await publish(Kafka(bus), *others)
            await eventually(lambda: notifier.fetchval(WAITING))
            kill(running, "tansu")
            await asyncio.sleep(LONG_ENOUGH_TO_JOIN)
        await notifier.close()
        asked = [await http.post("/v1/quotes", json=QUOTE) for _ in range(6)]
        made = {answer.json()["id"] for answer in asked}
        await eventually(lambda: {each.subject for each in listening.arrivals} >= made, 60)


@pytest.mark.timeout(400)
async def test_ctrl_c_stops_everything_and_a_second_start_finds_it(tmp_path: Path) -> None:
    with launched(tmp_path / "data") as first:
        await first.ready()
        before = first.status()
        credentials = (first.data / "credentials.json").read_bytes()
        parts = psutil.Process(first.process.pid).children(recursive=True)
        assert first.stop() == 0
        assert not any(part.is_running() for part in parts)
        assert "Stopped" in first.said()

    with launched(tmp_path / "data") as second:
        await second.ready()
        assert second.status() == before
        assert (second.data / "credentials.json").read_bytes() == credentials
        second.kill()

    with launched(tmp_path / "data") as third:
        await third.ready()
