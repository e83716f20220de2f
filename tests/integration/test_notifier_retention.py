"""What is older than it must be kept goes, with all that came of it; what is still owed stays."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import text

from infra.access import SigningKeys
from infra.databases import MakeDatabase
from infra.happenings import event
from infra.notifying import notifier_settings, receive, register
from infra.running import client_of
from services.notifier.main import build
from services.notifier.repository import retention
from shared.ids import new_id


async def test_only_finished_and_old_events_are_forgotten(
    database: MakeDatabase, keys: SigningKeys
) -> None:
    service = build(notifier_settings(await database("notifier")), keys=keys)
    partner_id = new_id("par")
    headers = keys.headers("partner", partner_id=partner_id)
    old, owed, fresh = (
        event(each, partner_id=partner_id)
        for each in ("deal.created", "booking.created", "deal.closed")
    )
    await receive(service, old)
    async with client_of(service) as client:
        await register(client, headers, "http://127.0.0.1:9/", "booking.created")
        await receive(service, owed, fresh)
        async with service.database.transaction() as work:
            earlier = {"at": work.now - timedelta(days=31), "ids": [old.id, owed.id]}
            statement = "UPDATE messages SET received_at = :at WHERE event_id = ANY (:ids)"
            await work.connection.execute(text(statement), earlier)
            gone = await retention.forget(work.connection, work.now - timedelta(days=30))
        kept = (await client.get("/v1/events", headers=headers)).json()["data"]
    await service.engine.dispose()

    assert gone == 1
    assert {each["id"] for each in kept} == {owed.id, fresh.id}
