"""A person erased by one call: nothing is found afterwards, and what leads to nobody stays."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio
from aiohttp import web
from sqlalchemy import text

from infra.access import SigningKeys
from infra.databases import MakeDatabase
from infra.notifying import notifier_settings
from infra.receiver import Request, receiving, status
from infra.waiting import eventually
from infra.webhooks import Subscriber, at_work
from services.notifier import erasing
from services.notifier.domain.erasure import hashed
from services.notifier.main import build
from shared.service import Service

CUSTOMER = {"name": "Sam Ferris", "email": "sam@ferris.example", "phone": "+61412345678"}
OTHER = {"name": "Sue", "email": "notsam@ferris.example", "phone": "+61412345670"}
EVERYWHERE = ("messages", "deliveries", "attempts", "emails", "parked", "replays", "events")
CAR = {"registration": {"plate": "SAM1", "country": "AU"}, "vin": "1HGCM82633A004352"}


@pytest_asyncio.fixture
async def service(database: MakeDatabase, keys: SigningKeys) -> AsyncIterator[Service]:
    made = build(notifier_settings(await database("notifier")), keys=keys)
    async with at_work(made, "deliveries", "replays", "erasures"):
        yield made


async def found(service: Service, needle: str) -> list[str]:
    """Name the tables that still have a text somewhere."""
    named = []
    async with service.database.reading() as connection:
        for table in (*EVERYWHERE, "erasures", "idempotency_keys"):
            query = f"SELECT count(*) FROM {table} t WHERE t::text ILIKE '%' || :needle || '%'"  # noqa: S608 - named above
            hexed = needle.encode().hex()
            if await connection.scalar(text(query), {"needle": needle}) or await connection.scalar(
                text(query), {"needle": hexed}
            ):
                named.append(table)
    return named


async def test_a_person_is_gone_and_the_counts_stay(
    service: Service, keys: SigningKeys, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(erasing, "BATCH", 2)
    dealer = Subscriber(service, keys)
    operator = Subscriber(service, keys, "operator")
    async with receiving() as receiver:
        receiver.usual = echo
        endpoint = await dealer.register(receiver.url)
        for number in range(1, 4):
            await dealer.happen(
                "booking.updated", id="bkg_1", customer=CUSTOMER, car=CAR, sequence=number
            )
        await dealer.happen("booking.updated", id="bkg_2", customer=OTHER)
        await dealer.happen("service.created", id="ord_1", contact=CUSTOMER | {"email": None})
        notes = "First ask\nSAM@ferris.example\tif it may wait"
        await dealer.happen("booking.created", id="bkg_3", notes=notes)
        await receiver.first(6)
        path = f"/v1/webhook-endpoints/{endpoint['id']}"
        replay = await dealer.post(f"{path}/replay", {"vin": CAR["vin"]})
        await dealer.become(f"/v1/replays/{replay['id']}", status="finished")
        receiver.usual = status(500)
        await dealer.happen("booking.cancelled", id="bkg_1", customer=CUSTOMER, sequence=4)
        before = await dealer.get("/v1/events")
        tried = (await dealer.get(f"{path}/deliveries", limit=100))["data"]

        body = {"email": "sam@ferris.example", "phone": CUSTOMER["phone"]}
        asked = await operator.post("/v1/erasures", body)
        proof = await operator.become(f"/v1/erasures/{asked['id']}", status="finished")

    for needle in ("sam@ferris.example", "Sam Ferris", "SAM1", CUSTOMER["phone"]):
        tables = await found(service, needle)
        # The other's address ends as the erased one does; it stays.
        assert tables == (["messages", "attempts", "emails"] if needle[:4] == "sam@" else []), (
            needle
        )
    after = await dealer.get("/v1/events")
    erased = [each for each in after["data"] if each["data"].get("erased")]
    assert len(erased) == 6 == proof["erased"]["messages"]
    told = ("id", "type", "subject", "sequence", "timestamp")
    assert [[each[name] for name in told] for each in after["data"]] == [
        [each[name] for name in told] for each in before["data"]
    ]
    kept = (await dealer.get(f"{path}/deliveries", limit=100))["data"]
    assert [each["id"] for each in kept] == [each["id"] for each in tried]
    assert proof["erased"] | {"messages": 6, "replays": 1, "parked": 0} == proof["erased"]
    assert proof["erased"]["emails"] == 6
    assert proof["passes"] >= 2
    assert len(proof["digest"]) == len(proof["keys_hash"]) == 64
    again = await operator.post("/v1/erasures", body)
    nothing = await operator.become(f"/v1/erasures/{again['id']}", status="finished")
    assert sum(nothing["erased"].values()) == 0
    assert nothing["passes"] == 1
    keys_hash = hashed(("sam@ferris.example", CUSTOMER["phone"]), asked["id"])
    assert proof["keys_hash"] == keys_hash != nothing["keys_hash"]


async def test_what_is_answered_after_an_erasure_is_not_kept(
    service: Service, keys: SigningKeys
) -> None:
    dealer = Subscriber(service, keys)
    operator = Subscriber(service, keys, "operator")
    async with receiving() as receiver:
        receiver.usual = echo
        endpoint = await dealer.register(receiver.url)
        receiver.answering.clear()
        await dealer.happen("booking.updated", id="bkg_1", customer=CUSTOMER, car=CAR)
        await receiver.first()
        asked = await operator.post("/v1/erasures", {"email": CUSTOMER["email"]})
        await operator.become(f"/v1/erasures/{asked['id']}", status="finished")
        receiver.answering.set()
        listed = await dealer.get(f"/v1/webhook-endpoints/{endpoint['id']}/deliveries")
        path = f"/v1/deliveries/{listed['data'][0]['id']}"

        async def tried() -> dict[str, object] | None:
            delivery = await dealer.get(path)
            return delivery["attempts"][0] if delivery["attempts"] else None

        attempt = await eventually(tried)

    assert (attempt["status"], attempt["answer"]) == (200, "")
    for needle in ("Sam Ferris", "SAM1", CUSTOMER["phone"]):
        assert await found(service, needle) == []


async def test_what_happens_later_brings_nobody_back(service: Service, keys: SigningKeys) -> None:
    dealer = Subscriber(service, keys)
    operator = Subscriber(service, keys, "operator")
    async with receiving() as receiver:
        await dealer.register(receiver.url)
        await dealer.happen("booking.created", id="bkg_1", customer=CUSTOMER, car=CAR)
        await dealer.happen("quote.created", id="quo_1", contact=CUSTOMER)
        await receiver.first(2)
        asked = await operator.post("/v1/erasures", {"email": CUSTOMER["email"]})
        await operator.become(f"/v1/erasures/{asked['id']}", status="finished")
        receiver.requests.clear()

        later = [
            await dealer.happen(
                "booking.completed", id="bkg_1", customer=CUSTOMER, car=CAR, sequence=2
            ),
            await dealer.happen("service.created", id="ord_1", quote_id="quo_1", contact=CUSTOMER),
            await dealer.happen("invoice.created", id="inv_1", order_id="ord_1", contact=CUSTOMER),
        ]
        sent = {each.id: each.json["data"] for each in await receiver.first(3)}
        for needle in ("sam@ferris.example", "Sam Ferris", "SAM1", CUSTOMER["phone"]):
            assert await found(service, needle) == [], needle
        assert [sent[each.id]["erased"] for each in later] == [True] * 3
        assert [sent[each.id]["id"] for each in later] == ["bkg_1", "ord_1", "inv_1"]
        assert sent[later[0].id]["status"] == json.loads(later[0].data)["status"]

        # Who comes back comes as anybody does.
        new = await dealer.happen("booking.created", id="bkg_2", customer=CUSTOMER)
        [*_, told] = await receiver.first(4)
    assert (told.id, told.json["data"]["customer"]["email"]) == (new.id, CUSTOMER["email"])
    async with service.database.reading() as connection:
        mailed = text("SELECT event_id FROM emails WHERE NOT erased")
        assert list((await connection.execute(mailed)).scalars()) == [new.id]


async def test_an_account_is_told_of_in_full_though_its_own_address_was_erased(
    service: Service, keys: SigningKeys
) -> None:
    dealer = Subscriber(service, keys)
    operator = Subscriber(service, keys, "operator")
    workshop = {"id": "wks_1", "email": CUSTOMER["email"]}
    await dealer.happen("workshop.created", **workshop)
    asked = await operator.post("/v1/erasures", {"email": CUSTOMER["email"]})
    await operator.become(f"/v1/erasures/{asked['id']}", status="finished")
    again = await dealer.happen("workshop.updated", sequence=2, **workshop)
    assert (await dealer.get(f"/v1/events/{again.id}"))["data"]["email"] == CUSTOMER["email"]


def echo(request: Request) -> web.StreamResponse:
    """Answer with what came, as some receivers do."""
    return web.Response(body=request.body)


async def test_only_an_operator_erases(service: Service, keys: SigningKeys) -> None:
    dealer = Subscriber(service, keys)
    answer: httpx.Response = await dealer.send("POST", "/v1/erasures", {"email": "a@b.example"})
    assert answer.status_code == 403
    operator = Subscriber(service, keys, "operator")
    for body in ({}, {"phone": "0412"}, {"email": "nobody"}, {"customer": "1"}, {"customer": "a"}):
        assert (await operator.send("POST", "/v1/erasures", body)).status_code == 422
