"""Each service a process of its own behind nginx, as in production, told a story through it."""

from __future__ import annotations

import asyncio
from base64 import b64encode
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio

from infra.databases import Databases
from infra.deployed import Deployment
from infra.fast_forward import Travel, log_in
from infra.receiving import partner_receives
from infra.servers import INFRA
from infra.waiting import eventually
from roadworthy.embedded.inbox import Inbox
from roadworthy.gateway import SERVICES

pytestmark = pytest.mark.timeout(300)


@pytest_asyncio.fixture(scope="module")
async def databases_of(databases: Databases) -> AsyncIterator[dict[str, str]]:
    """Yield an empty database for each service."""
    urls = {name: await databases.create() for name in SERVICES}
    yield urls
    for url in urls.values():
        await databases.drop(url)


@pytest.fixture(scope="module")
def deployment(
    tmp_path_factory: pytest.TempPathFactory,
    databases_of: dict[str, str],
    kafka_bootstrap: str,
    topic_prefix: str,
    smtp_inbox: Inbox,
) -> Deployment:
    bus = {
        "KAFKA_BOOTSTRAP_SERVERS": kafka_bootstrap,
        "KAFKA_TOPIC_PREFIX": topic_prefix,
        "KAFKA_PARTITIONS": "3",
        "KAFKA_EMBEDDED": str(INFRA == "embedded").lower(),
        "SANDBOX_CLOCK": "true",
    }
    own: dict[str, dict[str, str]] = {name: {} for name in SERVICES}
    own["partner"] = {"SIGNING_KEYS_PASSWORD": "only for this test"}
    own["booking"] = {"BOOKING_LINKS_KEY": b64encode(bytes(32)).decode()}
    own["notifier"] = {
        "WEBHOOK_SECRETS_KEY": b64encode(bytes(32)).decode(),
        "WEBHOOK_ALLOWED_NETWORKS": '["127.0.0.0/8"]',
        "SMTP_HOST": smtp_inbox.host,
        "SMTP_PORT": str(smtp_inbox.port),
        "SMTP_SECURITY": "none",
    }
    settings = {name: {"DATABASE_URL": databases_of[name]} | own[name] for name in SERVICES}
    return Deployment(tmp_path_factory.mktemp("deployed"), bus, settings)


@pytest_asyncio.fixture(scope="module")
async def gateway(deployment: Deployment) -> AsyncIterator[httpx.AsyncClient]:
    async with deployment.running() as client:
        yield client


class Login:
    """A client of an account, whose calls all go through the gateway."""

    def __init__(self, gateway: httpx.AsyncClient, token: str) -> None:
        self._gateway = gateway
        self.headers = {"Authorization": f"Bearer {token}"}

    @classmethod
    async def of(cls, gateway: httpx.AsyncClient, client_id: str, client_secret: str) -> Login:
        form = {"client_id": client_id, "client_secret": client_secret}
        answer = await gateway.post(
            "/v1/auth/token", data={"grant_type": "client_credentials"} | form
        )
        assert answer.status_code == 200, answer.text
        return cls(gateway, answer.json()["access_token"])

    async def get(self, path: str) -> dict[str, Any]:
        answer = await self._gateway.get(path, headers=self.headers)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def post(self, path: str, body: dict[str, Any], **headers: str) -> httpx.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        answer = await self._gateway.post(path, json=body, headers=self.headers | named)
        assert answer.is_success, answer.text
        return answer


@pytest_asyncio.fixture(scope="module")
async def logins(deployment: Deployment, gateway: httpx.AsyncClient) -> dict[str, Login]:
    operator = await Login.of(gateway, **await deployment.operator())
    made: dict[str, Login] = {}
    for role in ("partner", "workshop"):
        wanted = {"name": f"A {role}", "email": f"{role}@example.com", "roles": [role]}
        account = (await operator.post("/v1/partners", wanted)).json()
        clients = f"/v1/partners/{account['id']}/clients"
        client = (await operator.post(clients, {})).json()
        made[role] = await Login.of(gateway, client["id"], client["client_secret"])
    return made


QUOTE = {
    "vehicle": {"vin": "1HGCM82633A004352"},
    "items": [{"service": "detailing"}, {"service": "tyres"}],
    "contact": {"name": "Dana", "email": "dana@example.com"},
}
BOUGHT = ["service.created", "service.updated", "service.completed"]


@pytest.mark.seed(1, 7, 12, 23, 24, 25)
async def test_a_quote_is_bought_and_its_work_done(
    logins: dict[str, Login], smtp_inbox: Inbox
) -> None:
    partner, workshop = logins["partner"], logins["workshop"]
    async with partner_receives() as receiver:
        wanted = {"url": receiver.url, "events": ["service.*"]}
        receiver.secret = (await partner.post("/v1/webhook-endpoints", wanted)).json()["secret"]

        quote = (await partner.post("/v1/quotes", QUOTE)).json()
        payment = {"quote_id": quote["id"], "payment": {"method": "card", "token": "tok_visa"}}
        order = (await partner.post("/v1/orders", payment, Prefer="wait=10")).json()
        path = f"/v1/orders/{order['id']}"

        async def pending() -> bool:
            return (await partner.get(path))["status"] == "pending"

        await eventually(pending)
        await workshop.post(f"{path}/status", {"status": "in-progress"})
        await workshop.post(f"{path}/status", {"status": "completed"})
        assert (await partner.get(path))["total"] == quote["total"]

        async def ordered() -> bool:
            return (await partner.get(f"/v1/quotes/{quote['id']}"))["status"] == "ordered"

        await eventually(ordered, 20)
        await eventually(lambda: len(receiver.about(order["id"])) == len(BOUGHT), 20)
        came = sorted(receiver.about(order["id"]), key=lambda webhook: webhook.sequence)
        assert [webhook.type for webhook in came] == BOUGHT  # in flight they may pass one another
        assert receiver.refused == []
    await eventually(lambda: any("dana@example.com" in m.recipients for m in smtp_inbox.mails()))


async def test_idempotency_holds_across_the_gateway(logins: dict[str, Login]) -> None:
    first = await logins["partner"].post("/v1/quotes", QUOTE, Idempotency_Key="once")
    again = await logins["partner"].post("/v1/quotes", QUOTE, Idempotency_Key="once")
    assert again.json() == first.json()
    assert again.headers["idempotent-replayed"] == "true"


@pytest.mark.seed(9, 53, 69, 73)
async def test_six_weeks_pass_in_seconds(
    deployment: Deployment,
    gateway: httpx.AsyncClient,
    logins: dict[str, Login],
    smtp_inbox: Inbox,
) -> None:
    headers = {role: login.headers for role, login in logins.items()}
    headers["operator"] = await log_in(gateway, await deployment.operator())
    await Travel(gateway, headers, smtp_inbox).go()


async def test_every_service_describes_itself(gateway: httpx.AsyncClient) -> None:
    for name in SERVICES:
        assert (await gateway.get(f"/openapi/{name}.json")).json()["openapi"] >= "3.1"
        assert (await gateway.get(f"/asyncapi/{name}.json")).json()["asyncapi"]
        assert "swagger-ui" in (await gateway.get(f"/docs/{name}")).text
        assert "roadworthy_" in (await gateway.get(f"/metrics/{name}")).text


async def test_a_service_may_go_and_come_back(
    deployment: Deployment, gateway: httpx.AsyncClient, logins: dict[str, Login]
) -> None:
    quotes = deployment.services["quote"]
    assert await quotes.stop() == 0
    away = await gateway.get("/v1/quotes")
    assert away.status_code == 502
    assert away.json()["code"] == "service-unreachable"
    assert (await logins["partner"].get("/v1/orders"))["data"] is not None

    await quotes.start()
    assert (await logins["partner"].get("/v1/quotes"))["data"]


async def test_migrating_again_changes_nothing(
    deployment: Deployment, gateway: httpx.AsyncClient
) -> None:
    assert (await deployment.migrate()).count("was up to date") == len(SERVICES)


async def test_every_service_drains_when_it_is_stopped(
    deployment: Deployment, gateway: httpx.AsyncClient
) -> None:
    statuses = await asyncio.gather(*(each.stop() for each in deployment.services.values()))
    assert statuses == [0] * len(SERVICES)
