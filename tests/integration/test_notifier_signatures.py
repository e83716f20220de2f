"""What a webhook is signed with, as the libraries of Standard Webhooks and Svix judge it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
import standardwebhooks
import svix.webhooks

from infra.access import SigningKeys
from infra.databases import MakeDatabase
from infra.notifying import notifier_settings
from infra.receiver import Receiver
from infra.webhooks import Subscriber, at_work
from services.notifier.main import build
from shared.service import Service


@pytest_asyncio.fixture(scope="module")
async def service(module_database: MakeDatabase, keys: SigningKeys) -> AsyncIterator[Service]:
    made = build(notifier_settings(await module_database("notifier")), keys=keys)
    async with at_work(made, "deliveries") as working:
        yield working


@pytest.mark.seed(27)
async def test_a_delivery_verifies_and_an_altered_one_does_not(
    dealer: Subscriber, receiver: Receiver
) -> None:
    endpoint = await dealer.register(receiver.url)
    await dealer.happen("service.created")
    [request] = await receiver.first()

    for library in (standardwebhooks, svix.webhooks):
        judge = library.Webhook(endpoint["secret"])
        judge.verify(request.body, request.headers)
        with pytest.raises(library.WebhookVerificationError):
            judge.verify(request.body.replace(b"pending", b"canceled"), request.headers)
        stale = str(int(request.headers["webhook-timestamp"]) - 600)
        with pytest.raises(library.WebhookVerificationError):
            judge.verify(request.body, request.headers | {"webhook-timestamp": stale})


async def test_old_and_new_secret_sign_during_a_rotation(
    dealer: Subscriber, receiver: Receiver
) -> None:
    former = await dealer.register(receiver.url)
    rotated = await dealer.send("POST", f"/v1/webhook-endpoints/{former['id']}/rotate-secret")
    await dealer.happen("service.created")
    [request] = await receiver.first()

    for secret in (former["secret"], rotated.json()["secret"]):
        standardwebhooks.Webhook(secret).verify(request.body, request.headers)


async def test_a_test_delivery_is_real_and_says_that_it_is_a_test(
    dealer: Subscriber, receiver: Receiver
) -> None:
    endpoint = await dealer.register(receiver.url, "booking.cancelled")
    path = f"/v1/webhook-endpoints/{endpoint['id']}/test"
    asked = await dealer.post(path)
    [request] = await receiver.first()

    standardwebhooks.Webhook(endpoint["secret"]).verify(request.body, request.headers)
    assert (request.json["type"], request.json["test"]) == ("booking.cancelled", True)
    assert request.id == asked["event_id"]
    assert (await dealer.get("/v1/events"))["data"] == []
    unknown = await dealer.send("POST", path, {"type": "booking.lost"})
    assert (unknown.status_code, unknown.json()["errors"][0]["pointer"]) == (422, "/type")
