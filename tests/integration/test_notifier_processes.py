"""Several notifiers beside one another: what one consumes, another may have to send."""

from __future__ import annotations

from collections.abc import AsyncIterator

import asyncpg
import pytest
import pytest_asyncio
from sqlalchemy import text

from infra.access import SigningKeys
from infra.databases import MakeDatabase
from infra.happenings import event
from infra.notifying import notifier_settings
from infra.receiver import receiving
from infra.waiting import eventually
from infra.webhooks import Subscriber, at_work
from services.notifier import fan_out
from services.notifier.engine import engine as engines
from services.notifier.engine.engine import Engine
from services.notifier.engine.hints import CHANNEL
from services.notifier.main import build
from shared.events import Event
from shared.service import Service


@pytest_asyncio.fixture
async def url(database: MakeDatabase, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[str]:
    """Have engines look once, and then when they are woken."""
    monkeypatch.setattr(engines, "POLL_SECONDS", 3600.0)
    yield await database("notifier")


def service_on(url: str, keys: SigningKeys) -> Service:
    return build(notifier_settings(url, webhook_lease=24 * 3600.0), keys=keys)


async def consume(service: Service, made: Event) -> None:
    """Have an event fanned out and handed over, as a process's consumer does."""
    engine = service.parts["deliveries"]
    assert isinstance(engine, Engine)
    async with service.database.transaction() as work:
        await fan_out.receive(work, made, engine.hand)


async def listening(service: Service, count: int) -> None:
    """Wait until so many connections have said that they listen."""
    query = text("SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'LISTEN %'")

    async def so() -> bool:
        async with service.database.reading() as connection:
            return (await connection.scalar(query) or 0) >= count

    await eventually(so, seconds=30)


async def test_what_another_process_consumed_is_sent_without_waiting_for_a_look(
    url: str, keys: SigningKeys
) -> None:
    ours, theirs = service_on(url, keys), service_on(url, keys)
    dealer = Subscriber(ours, keys)
    async with receiving() as receiver, at_work(ours, "deliveries"), at_work(theirs, "deliveries"):
        await listening(ours, 2)
        await dealer.register(receiver.url)
        told = [event("service.updated", partner_id=dealer.partner_id) for _ in range(3)]
        await consume(ours, told[0])
        await receiver.first(1)
        for count, made in enumerate(told[1:], start=2):
            await consume(theirs, made)
            await receiver.first(count, seconds=30)

    assert [each.id for each in receiver.requests] == [each.id for each in told]


async def test_what_a_call_queues_is_sent_at_once_whichever_process_took_the_call(
    url: str, keys: SigningKeys
) -> None:
    ours, theirs = service_on(url, keys), service_on(url, keys)
    dealer, beside = Subscriber(ours, keys), Subscriber(theirs, keys)
    beside.headers = dealer.headers
    async with receiving() as receiver, at_work(ours, "deliveries"), at_work(theirs, "deliveries"):
        await listening(ours, 2)
        endpoint = await dealer.register(receiver.url)
        first = event("service.updated", partner_id=dealer.partner_id)
        await consume(ours, first)
        await receiver.first(1)

        path = f"/v1/webhook-endpoints/{endpoint['id']}"
        test = await beside.post(f"{path}/test")
        await receiver.first(2, seconds=30)
        sent = await beside.become(f"/v1/deliveries/{test['id']}", status="delivered")
        await beside.post(f"/v1/deliveries/{sent['id']}/retry")
        await receiver.first(3, seconds=30)

    assert [each.id for each in receiver.requests] == [first.id, sent["event_id"], sent["event_id"]]


async def test_nobody_is_told_of_what_a_process_sends_itself(url: str, keys: SigningKeys) -> None:
    service = service_on(url, keys)
    dealer = Subscriber(service, keys)
    heard: list[object] = []
    listener = await asyncpg.connect(url.replace("+asyncpg", ""))
    await listener.add_listener(CHANNEL, lambda *said: heard.append(said))
    async with receiving() as receiver, at_work(service, "deliveries"):
        await listening(service, 2)
        await dealer.register(receiver.url)
        for count in range(1, 4):
            await consume(service, event("service.updated", partner_id=dealer.partner_id))
            await receiver.first(count)
        await listener.execute(f"NOTIFY {CHANNEL}, 'last'")
        await eventually(lambda: heard)
    await listener.close()

    assert [said[-1] for said in heard] == ["last"]  # type: ignore[index]  # the payload


async def test_an_endpoint_that_only_newer_processes_can_serve_keeps_nobody_else_waiting(
    url: str, keys: SigningKeys
) -> None:
    service = service_on(url, keys)
    dealer = Subscriber(service, keys)
    async with receiving() as receiver, at_work(service, "deliveries"):
        await listening(service, 1)
        newer = await dealer.register(f"{receiver.url}/newer")
        async with service.database.reading() as connection:
            await connection.execute(
                text("UPDATE endpoints SET payload_version = 99 WHERE id = :id"), newer
            )
        await dealer.register(f"{receiver.url}/current")
        told = [event("service.updated", partner_id=dealer.partner_id) for _ in range(3)]
        for made in told:
            await consume(service, made)
        await receiver.first(3)
        ready = await service.parts["deliveries"].ready()

    assert ready
    assert {request.path for request in receiver.requests} == {"/hooks/current"}
    assert {each.id for each in receiver.requests} == {each.id for each in told}
