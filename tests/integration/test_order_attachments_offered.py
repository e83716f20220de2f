"""Attachments of an order that is only offered: photos show plates, so they wait for a workshop."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from infra.access import SigningKeys
from infra.databases import MakeDatabase
from infra.orders import OrderDesk
from infra.running import bus_settings, running
from infra.servers import INFRA
from services.order.main import build
from services.order.settings import OrderSettings
from shared.ids import new_id
from shared.shift import ShiftedClock

PHOTO = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(range(256))


@pytest_asyncio.fixture
async def desk(
    tmp_path: Path,
    module_database: MakeDatabase,
    kafka_bootstrap: str,
    topic_prefix: str,
    keys: SigningKeys,
) -> AsyncIterator[OrderDesk]:
    settings = OrderSettings(
        database_url=await module_database("order"),
        attachments_url=tmp_path.as_uri(),
        **bus_settings(kafka_bootstrap, topic_prefix, embedded=INFRA == "embedded"),
    )
    clock = ShiftedClock()
    service = build(settings, clock=clock, keys=keys)
    async with running(service) as client:
        yield OrderDesk(service, settings, client, clock, keys)


@pytest.mark.seed(33)
async def test_a_workshop_sees_photos_once_the_order_is_its_own(desk: OrderDesk) -> None:
    partner, garage = new_id("par"), desk.workshop_headers(new_id("par"))
    order = await desk.ordered(partner)
    path = f"/v1/orders/{order['id']}"
    attached = await desk.client.post(
        f"{path}/attachments",
        params={"filename": "plate ABC123.jpg"},
        content=PHOTO,
        headers=desk.partner(partner),
    )
    photo = attached.json()["content_url"]
    assert (await desk.client.get(path, headers=garage)).status_code == 200
    for method, where in (("GET", f"{path}/attachments"), ("GET", photo), ("DELETE", photo)):
        refused = await desk.client.request(method, where, headers=garage)
        assert (refused.status_code, refused.json()["code"]) == (403, "order-not-taken"), where
        assert "ABC123" not in refused.text
    for headers in (desk.partner(partner), desk.keys.headers("operator")):
        assert (await desk.client.get(photo, headers=headers)).content == PHOTO

    started = {"status": "in-progress"}
    taken = await desk.client.post(f"{path}/status", json=started, headers=garage)
    assert taken.status_code == 200, taken.text
    listed = await desk.client.get(f"{path}/attachments", headers=garage)
    assert [each["content_url"] for each in listed.json()["data"]] == [photo]
    assert (await desk.client.get(photo, headers=garage)).content == PHOTO
    foreign = await desk.client.get(photo, headers=desk.workshop_headers(new_id("par")))
    assert foreign.status_code == 404
