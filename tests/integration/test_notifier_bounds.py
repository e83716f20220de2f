"""What an account asks for costs by what is its own, and holds nobody up."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import pytest_asyncio
from sqlalchemy import text

from infra.access import SigningKeys
from infra.databases import MakeDatabase
from infra.explaining import reads_of
from infra.happenings import event
from infra.notifying import notifier_settings
from infra.webhooks import Subscriber, at_work
from services.notifier import fan_out
from services.notifier.canceling import Canceling
from services.notifier.handlers import endpoints as handlers
from services.notifier.main import build
from services.notifier.replaying import Replaying
from services.notifier.repository import deliveries, projections, retention
from shared.contracts import PartnerV1
from shared.ids import first_id, new_id
from shared.service import Service
from shared.shift import ShiftedClock

OTHERS = 20_000
HOOK = "http://127.0.0.1:9/hook"


@pytest_asyncio.fixture(scope="module")
async def service(module_database: MakeDatabase, keys: SigningKeys) -> AsyncIterator[Service]:
    made = build(notifier_settings(await module_database("notifier")), keys=keys)
    async with at_work(made):
        await much_of_others(made)
        yield made


async def much_of_others(service: Service) -> None:
    """Fill in a month of other accounts' events, and their endpoints."""
    statements = (
        """INSERT INTO messages (event_id, type, subject, sequence, partner_id, workshop_id, time,
                                 data, received_at)
           SELECT 'other-' || i, 'service.updated', 'ord_' || i / 4, i % 4 + 1, 'par_' || i % 50,
                  CASE WHEN i % 3 = 0 THEN 'wks_' || i % 20 END, at, '{"id": "ord_1"}', at
           FROM generate_series(1, :others) i, LATERAL (
               SELECT now() - interval '20 days' + i * interval '60 s' AS at) moment""",
        "INSERT INTO workshops SELECT 'wks_' || i, 'par_' || i, 1 FROM generate_series(1, 20) i",
        """INSERT INTO endpoints (id, partner_id, sees_all, url, method, events, status, secret,
                                  created_at)
           SELECT 'whe_' || i, 'par_' || i % 1000, false, 'https://a.example/', 'POST',
                  '{service.*}', 'enabled', '', now() FROM generate_series(1, :others) i""",
        "ANALYZE",
    )
    async with service.engine.connect() as connection:
        for statement in statements:
            named = {"others": OTHERS} if ":others" in statement else {}
            await connection.execute(text(statement), named)
        await connection.commit()


async def runs_workshop(dealer: Subscriber) -> str:
    """Have the account run a workshop, at which something of another account's happened."""
    workshop_id = new_id("wks")
    keep = text("INSERT INTO workshops VALUES (:id, :partner_id, 1)")
    async with dealer.service.database.transaction() as work:
        await work.connection.execute(keep, {"id": workshop_id, "partner_id": dealer.partner_id})
    await dealer.happen("service.created", workshop_id=workshop_id, partner_id=new_id("par"))
    return workshop_id


async def test_who_has_few_events_reads_few(dealer: Subscriber) -> None:
    await runs_workshop(dealer)
    own = [(await dealer.happen(id="ord_own", sequence=number)).id for number in range(1, 4)]
    async with reads_of(dealer.service.engine, "messages") as reads:
        page = await dealer.get("/v1/events")

    assert [each["id"] for each in page["data"][1:]] == own
    assert page["data"][0]["type"] == "service.created"
    assert 4 <= reads.rows < OTHERS // 20


@pytest.mark.parametrize("path", ["replay", "gaps"])
async def test_replays_and_gaps_look_through_ones_own_events(dealer: Subscriber, path: str) -> None:
    endpoint = await dealer.register(HOOK)
    await runs_workshop(dealer)
    for number in range(1, 4):
        await dealer.happen(id="ord_own", sequence=number)
    where = f"/v1/webhook-endpoints/{endpoint['id']}/{path}"
    async with reads_of(dealer.service.engine, "messages") as reads:
        if path == "replay":
            found = await dealer.post(where, {"dry_run": True}, 200)
            assert found["total"] == 4
        else:
            assert len((await dealer.get(where))["data"]) == 2

    assert 4 <= reads.rows < OTHERS // 20


async def test_an_operators_endpoint_replays_everybodys(
    service: Service, keys: SigningKeys
) -> None:
    operator = Subscriber(service, keys, "operator")
    endpoint = await operator.register(HOOK, "service.*")
    path = f"/v1/webhook-endpoints/{endpoint['id']}/replay"
    found = await operator.post(path, {"dry_run": True}, 200)
    assert found["total"] >= OTHERS
    assert len(found["events"]) == 100


async def test_a_dry_run_holds_nothing_that_events_wait_for(dealer: Subscriber) -> None:
    endpoint = await dealer.register(HOOK)
    path = f"/v1/webhook-endpoints/{endpoint['id']}/replay"
    locked = "SELECT id FROM endpoints WHERE id = :id FOR NO KEY UPDATE"
    async with dealer.service.engine.connect() as other:
        await other.execute(text(locked), {"id": endpoint["id"]})
        found = await dealer.post(path, {"dry_run": True}, 200)
        await other.rollback()
    assert found["total"] == 0


async def test_an_event_is_matched_with_the_endpoints_of_whose_it_is(dealer: Subscriber) -> None:
    await dealer.register(HOOK)
    made = event("service.created", partner_id=dealer.partner_id)
    read = text("""SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_xact_user_tables
                   WHERE relname = 'endpoints'""")
    async with dealer.service.database.transaction() as work:
        await fan_out.receive(work, made)
        rows = await work.connection.scalar(read)
    listed = await dealer.get("/v1/webhook-endpoints")
    assert len(listed["data"]) == 1
    assert 1 <= rows < 50


async def test_forgetting_reads_the_oldest_alone(service: Service) -> None:
    async def forgotten(days: int) -> tuple[int, int]:
        async with reads_of(service.engine, "messages") as reads:
            before = service.database.clock.now() - timedelta(days=days)
            async with service.database.transaction() as work:
                gone = await retention.forget(work.connection, before)
        return gone, reads.rows

    gone, read = await forgotten(30)
    assert (gone, read) == (0, retention.BATCH)
    gone, read = await forgotten(15)
    assert gone == retention.BATCH
    assert read <= 2 * retention.BATCH


async def test_a_long_queue_is_given_up_in_batches(
    dealer: Subscriber, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deliveries, "CANCELED_AT_ONCE", 2)
    endpoint = await dealer.register(HOOK)
    for number in range(1, 6):
        await dealer.happen(id="ord_own", sequence=number)
    path = f"/v1/webhook-endpoints/{endpoint['id']}"

    async def canceled() -> int:
        return len((await dealer.get(f"{path}/deliveries", status="canceled"))["data"])

    answer = await dealer.send("PATCH", path, {"status": "disabled"})
    assert answer.status_code == 200
    assert await canceled() == 2
    canceling = Canceling(dealer.service.database)
    assert [await canceling(), await canceling(), await canceling()] == [2, 1, 0]
    assert await canceled() == 5


OLD = 3_000


async def with_a_past(dealer: Subscriber) -> str:
    """Register an endpoint that was sent much, weeks ago, and one thing just now."""
    endpoint = await dealer.register(HOOK)
    now = dealer.service.database.clock.now()
    made = [now - timedelta(days=20, minutes=number) for number in range(OLD)]
    add = text("""
INSERT INTO deliveries (id, partner_id, endpoint_id, event_id, event_type, status, due_at,
                        created_at, finished_at)
SELECT id, :partner_id, :endpoint_id, 'other-' || (CAST(:others AS int) - place), 'service.updated',
       'delivered', at, at, at
FROM unnest(CAST(:ids AS text[]), CAST(:made AS timestamptz[]))
    WITH ORDINALITY AS old (id, at, place)
""")
    tried = text("""
INSERT INTO attempts (id, delivery_id, started_at, duration_ms, status, answer)
SELECT 'atp_' || id, id, created_at, 5, 204, '' FROM deliveries WHERE endpoint_id = :endpoint_id
""")
    named = {"partner_id": dealer.partner_id, "endpoint_id": endpoint["id"], "others": OTHERS}
    async with dealer.service.engine.connect() as connection:
        ids = [first_id("dlv", each) for each in made]
        await connection.execute(add, named | {"ids": ids, "made": made})
        await connection.execute(tried, {"endpoint_id": endpoint["id"]})
        await connection.execute(text("ANALYZE deliveries"))
        await connection.execute(text("ANALYZE attempts"))
        await connection.commit()
    await dealer.happen(id="ord_own")
    return f"/v1/webhook-endpoints/{endpoint['id']}"


async def test_a_look_at_the_last_hour_reads_the_last_hours(
    dealer: Subscriber, service: Service
) -> None:
    path = await with_a_past(dealer)
    now = service.database.clock.now()
    hour = {"since": (now - timedelta(hours=1)).isoformat().replace("+00:00", "Z")}
    async with reads_of(service.engine, "deliveries") as reads:
        assert len((await dealer.get(f"{path}/deliveries", **hour))["data"]) == 1
        assert (await dealer.get(f"{path}/attempts", **hour))["data"] == []
        used = await dealer.get(f"{path}/usage")
    assert (used["deliveries"]["queued"], used["attempts"]["attempts"]) == (1, 0)
    assert 3 <= reads.rows < OLD // 10

    everything = await dealer.get(f"{path}/deliveries", until=hour["since"], limit=100)
    assert len(everything["data"]) == 100


async def test_a_clock_that_was_put_forward_hides_nothing(
    database: MakeDatabase, keys: SigningKeys
) -> None:
    clock = ShiftedClock()
    settings = notifier_settings(await database("notifier"))
    async with at_work(build(settings, clock=clock, keys=keys)) as service:
        dealer = Subscriber(service, keys)
        endpoint = await dealer.register(HOOK)
        clock.advance(timedelta(days=10))
        await dealer.happen(id="ord_own")
        since = (clock.now() - timedelta(hours=1)).isoformat().replace("+00:00", "Z")
        path = f"/v1/webhook-endpoints/{endpoint['id']}"
        assert len((await dealer.get(f"{path}/deliveries", since=since))["data"]) == 1
        assert (await dealer.get(f"{path}/usage"))["deliveries"]["queued"] == 1


async def test_an_account_that_was_closed_is_sent_nothing_more(dealer: Subscriber) -> None:
    endpoint = await dealer.register(HOOK)
    await dealer.happen(id="ord_own")
    path = f"/v1/webhook-endpoints/{endpoint['id']}"
    replay = await dealer.post(f"{path}/replay", {})
    closed = PartnerV1(
        id=dealer.partner_id,
        name="Dealer",
        email="dealer@example.com",
        roles=("partner",),
        active=False,
        created_at=dealer.service.database.clock.now(),
    )
    async with dealer.service.database.transaction() as work:
        await projections.keep_partner(work.connection, closed, 2)
    assert await Canceling(dealer.service.database)() == 1
    replaying = Replaying(dealer.service.database, lambda: None)
    while await replaying():
        pass
    [delivery] = (await dealer.get(f"{path}/deliveries"))["data"]
    stopped = await dealer.get(f"/v1/replays/{replay['id']}")
    assert (delivery["status"], stopped["status"], stopped["queued"]) == ("canceled", "stopped", 0)


async def test_no_more_endpoints_are_enabled_than_may_be(
    dealer: Subscriber, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handlers, "MAX_ENABLED", 2)
    first = await dealer.register(HOOK)
    path = f"/v1/webhook-endpoints/{first['id']}"
    await dealer.send("PATCH", path, {"status": "disabled"})
    body = {"url": HOOK, "events": ["*"]}
    racing = [dealer.send("POST", "/v1/webhook-endpoints", body) for _ in range(6)]
    codes = [answer.status_code for answer in await asyncio.gather(*racing)]
    assert sorted(codes) == [201, 201, 409, 409, 409, 409]
    refused = await dealer.send("PATCH", path, {"status": "enabled"})
    assert (refused.status_code, refused.json()["code"]) == (409, "too-many-endpoints")
    [second, *_] = (await dealer.get("/v1/webhook-endpoints"))["data"]
    kept = await dealer.send(
        "PATCH", f"/v1/webhook-endpoints/{second['id']}", {"status": "enabled"}
    )
    assert kept.status_code == 200
