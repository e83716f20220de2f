"""What keeps one endpoint's results from being kept keeps no other's."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import text

from infra.access import SigningKeys
from infra.databases import MakeDatabase
from infra.notifying import notifier_settings
from infra.receiver import Receiver, status
from infra.waiting import eventually
from infra.webhooks import Subscriber, at_work
from services.notifier.main import build
from shared.service import Service

_REFUSE = (
    """
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'nothing is kept of this endpoint'; END $$
""",
    """
CREATE TRIGGER refused BEFORE UPDATE ON deliveries FOR EACH ROW
WHEN (OLD.endpoint_id = '{endpoint}' AND NEW.attempts > OLD.attempts) EXECUTE FUNCTION refuse()
""",
)


@pytest_asyncio.fixture
async def service(database: MakeDatabase, keys: SigningKeys) -> AsyncIterator[Service]:
    made = build(notifier_settings(await database("notifier"), webhook_retries=[3600.0]), keys=keys)
    async with at_work(made, "deliveries"):
        yield made


@pytest_asyncio.fixture
async def endpoints(dealer: Subscriber, receiver: Receiver) -> list[dict[str, Any]]:
    """Three, of which the first is settled first."""
    return [await dealer.register(receiver.url) for _ in range(3)]


async def kept(dealer: Subscriber, endpoint: dict[str, Any], **members: Any) -> dict[str, Any]:
    """Return an endpoint's only delivery, once it has these members."""

    async def so() -> dict[str, Any] | None:
        seen = await dealer.get(f"/v1/webhook-endpoints/{endpoint['id']}/deliveries")
        [delivery] = seen["data"]
        return delivery if members.items() <= delivery.items() else None

    return await eventually(so, 8) or {}


@pytest.mark.seed(28)
@pytest.mark.parametrize("answer", [204, 500])
async def test_what_isn_t_kept_of_one_endpoint_is_kept_of_the_others(
    service: Service,
    dealer: Subscriber,
    receiver: Receiver,
    endpoints: list[dict[str, Any]],
    answer: int,
) -> None:
    refused, *others = endpoints
    async with service.database.transaction() as work:
        for statement in _REFUSE:
            await work.connection.execute(text(statement.format(endpoint=refused["id"])))
    receiver.usual = status(answer)
    await dealer.happen()

    for other in others:
        await kept(dealer, other, attempt_count=1, last_status=answer)
    assert (await kept(dealer, refused))["attempt_count"] == 0
    async with service.database.transaction() as work:
        await work.connection.execute(text("DROP TRIGGER refused ON deliveries"))
    await kept(dealer, refused, attempt_count=1, last_status=answer)
    assert len(receiver.requests) == 3


@pytest.mark.seed(28)
async def test_an_endpoint_that_is_held_holds_up_no_other(
    service: Service, dealer: Subscriber, receiver: Receiver, endpoints: list[dict[str, Any]]
) -> None:
    held, *others = endpoints
    receiver.usual = status(500)
    receiver.answering.clear()
    await dealer.happen()
    await receiver.first(3)
    holding = text("SELECT FROM endpoints WHERE id = :id FOR UPDATE")
    async with service.database.transaction() as work:
        await work.connection.execute(holding, {"id": held["id"]})
        receiver.answering.set()
        for other in others:
            await kept(dealer, other, attempt_count=1, last_status=500)
        assert (await kept(dealer, held))["attempt_count"] == 0
    await kept(dealer, held, attempt_count=1, last_status=500)
