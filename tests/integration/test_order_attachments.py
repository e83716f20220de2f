"""Photos and documents of orders, in a folder and in a bucket."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from starlette.requests import ClientDisconnect

from infra.access import SigningKeys
from infra.bucket import Bucket, bucket
from infra.databases import MakeDatabase
from infra.orders import OrderDesk
from infra.running import bus_settings, running
from infra.servers import INFRA
from infra.waiting import eventually
from services.order.handlers.attachments import Files, sweep
from services.order.main import build
from services.order.settings import OrderSettings
from services.order.shelf import Shelf
from shared.ids import new_id
from shared.shift import ShiftedClock

MOST = 3
MAX_BYTES = 6 * 1024 * 1024
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(range(256)) * 40
PDF = b"%PDF-1.7\n" + b"an invoice " * 100


@pytest_asyncio.fixture(scope="module")
async def store() -> AsyncIterator[Bucket]:
    async with bucket() as made:
        yield made


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("attachments")


@pytest.fixture(scope="module", params=["folder", "bucket"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest_asyncio.fixture(scope="module")
async def desk(
    kind: str,
    folder: Path,
    store: Bucket,
    module_database: MakeDatabase,
    kafka_bootstrap: str,
    topic_prefix: str,
    keys: SigningKeys,
) -> AsyncIterator[OrderDesk]:
    settings = OrderSettings(
        database_url=await module_database("order"),
        attachments_url=folder.as_uri() if kind == "folder" else "s3://photos/orders",
        attachment_max_bytes=MAX_BYTES,
        attachments_per_order=MOST,
        **bus_settings(kafka_bootstrap, topic_prefix, embedded=INFRA == "embedded"),
    )
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("AWS_ENDPOINT", store.endpoint)
        environment.setenv("AWS_ACCESS_KEY_ID", "key")
        environment.setenv("AWS_SECRET_ACCESS_KEY", "secret")
        environment.setenv("AWS_REGION", "ap-southeast-2")
        clock = ShiftedClock()
        service = build(settings, clock=clock, keys=keys)
        async with running(service) as client:
            yield OrderDesk(service, settings, client, clock, keys)


@pytest.fixture
def account() -> str:
    return new_id("par")


@pytest_asyncio.fixture
async def order(desk: OrderDesk, account: str) -> dict[str, Any]:
    return await desk.ordered(account)


async def attach(
    desk: OrderDesk,
    order: dict[str, Any],
    headers: dict[str, str],
    content: Any = JPEG,
    **asked: str,
) -> httpx.Response:
    return await desk.client.post(
        f"/v1/orders/{order['id']}/attachments",
        params={"filename": "front left.jpg"} | asked,
        content=content,
        headers=headers,
    )


def on_shelf(kind: str, folder: Path, store: Bucket, attachment_id: str) -> bytes | None:
    if kind == "bucket":
        found = [each for path, each in store.objects.items() if path.endswith(attachment_id)]
        return found[0] if found else None
    paths = list(folder.rglob(attachment_id))
    return paths[0].read_bytes() if paths else None


@pytest.mark.seed(11, 15)
async def test_a_photo_comes_back_as_it_was_sent(
    desk: OrderDesk, order: dict[str, Any], account: str, kind: str, folder: Path, store: Bucket
) -> None:
    headers = desk.partner(account)
    answer = await attach(desk, order, headers, note="before")
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert (made["filename"], made["media_type"], made["note"]) == (
        "front left.jpg",
        "image/jpeg",
        "before",
    )
    assert (made["size"], made["sha256"]) == (len(JPEG), hashlib.sha256(JPEG).hexdigest())
    assert answer.headers["Location"] == made["content_url"]
    assert on_shelf(kind, folder, store, made["id"]) == JPEG

    listed = await desk.client.get(f"/v1/orders/{order['id']}/attachments", headers=headers)
    assert listed.json() == {"data": [made]}
    content = await desk.client.get(made["content_url"], headers=headers)
    assert content.content == JPEG
    assert content.headers["Content-Type"] == "image/jpeg"
    assert content.headers["X-Content-Type-Options"] == "nosniff"
    expected = "attachment; filename*=UTF-8''front%20left.jpg"
    assert content.headers["Content-Disposition"] == expected


@pytest.mark.seed(15, 24)
async def test_attaching_and_removing_are_told_and_stand_in_the_history(
    desk: OrderDesk, order: dict[str, Any], account: str, kind: str, folder: Path, store: Bucket
) -> None:
    workshop = desk.workshop_headers(new_id("par"))
    made = (await attach(desk, order, workshop, PDF, filename="report.pdf")).json()
    assert made["uploaded_by"]["role"] == "workshop"
    foreign = await desk.client.delete(made["content_url"], headers=desk.partner(account))
    assert (foreign.status_code, foreign.json()["code"]) == (403, "not-own")
    assert (await desk.client.delete(made["content_url"], headers=workshop)).status_code == 204
    assert (await desk.client.get(made["content_url"], headers=workshop)).status_code == 404

    told = [each for each in await desk.logged(order["id"]) if each.type == "service.updated"]
    assert len(told) == 2
    history = await desk.client.get(
        f"/v1/orders/{order['id']}/history", headers=desk.partner(account)
    )
    *_, attached, removed = history.json()["data"]
    assert attached["reason"] == f"A file was attached ({made['id']})"
    assert attached["changes"] == [{"field": "attachments", "before": 0, "after": 1}]
    assert removed["reason"] == f"A file was removed ({made['id']})"
    assert removed["actor"]["role"] == "workshop"
    # Every workshop reads the history of an order that none has taken yet, and its events.
    assert "report.pdf" not in history.text + "".join(str(each.data) for each in told)

    await sweep(_files(desk))
    assert on_shelf(kind, folder, store, made["id"]) is None


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"<html><script>alert(1)</script>", "photo.jpg"),
        (b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'/>", "a.png"),
        (b"MZ" + bytes(200), "invoice.pdf"),
        (b"just words", "notes.txt"),
    ],
)
async def test_what_a_file_is_decides_its_content_not_its_name(
    desk: OrderDesk, order: dict[str, Any], account: str, content: bytes, name: str
) -> None:
    answer = await attach(desk, order, desk.partner(account), content, filename=name)
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported-media-type")


async def test_empty_too_large_and_too_many_are_refused(
    desk: OrderDesk, order: dict[str, Any], account: str
) -> None:
    headers = desk.partner(account)
    empty = await attach(desk, order, headers, b"")
    assert (empty.status_code, empty.json()["code"]) == (422, "empty-file")
    large = JPEG + bytes(MAX_BYTES)

    async def unsaid() -> AsyncIterator[bytes]:
        for start in range(0, len(large), 100_000):
            yield large[start : start + 100_000]

    for content in (large, unsaid()):
        refused = await attach(desk, order, headers, content)
        assert (refused.status_code, refused.json()["code"]) == (413, "body-too-large")
    fits = await attach(desk, order, headers, large[:MAX_BYTES])
    assert fits.status_code == 201
    for _ in range(MOST - 1):
        assert (await attach(desk, order, headers)).status_code == 201
    racing = await asyncio.gather(*(attach(desk, order, headers) for _ in range(3)))
    assert {(each.status_code, each.json()["code"]) for each in racing} == {
        (409, "too-many-attachments")
    }


async def test_a_repeated_upload_is_one_attachment(
    desk: OrderDesk, order: dict[str, Any], account: str
) -> None:
    headers = desk.partner(account) | {"Idempotency-Key": new_id("key")}
    first, again = await attach(desk, order, headers), await attach(desk, order, headers)
    assert again.json() == first.json()
    assert again.headers["Idempotent-Replayed"] == "true"
    other = await attach(desk, order, headers, PDF)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency-key-reused")
    listed = await desk.client.get(f"/v1/orders/{order['id']}/attachments", headers=headers)
    assert len(listed.json()["data"]) == 1


@pytest.mark.seed(71)
async def test_what_a_supplement_shows_stays(
    desk: OrderDesk, account: str, order: dict[str, Any]
) -> None:
    photo = (await attach(desk, order, desk.partner(account))).json()
    path, garage = f"/v1/orders/{order['id']}", desk.workshop_headers(new_id("par"))
    line = {"service": "brakes", "description": "Hoses", "tax_rate": "0.1"}
    found = {"reason": "cracked", "items": [line | {"parts": order["total"]}]}
    for shown, status in [([photo["id"], new_id("att")], 422), ([photo["id"]], 201)]:
        body = found | {"attachment_ids": shown}
        answer = await desk.client.post(f"{path}/supplements", json=body, headers=garage)
        assert answer.status_code == status, answer.text
        if status == 422:
            [error] = answer.json()["errors"]
            named = ("/attachment_ids/1", "unknown-attachment")
            assert (error["pointer"], error["code"]) == named
    assert answer.json()["attachment_ids"] == [photo["id"]]
    kept = await desk.client.delete(photo["content_url"], headers=desk.partner(account))
    assert (kept.status_code, kept.json()["code"]) == (409, "attachment-shown")


@pytest.mark.seed(33)
async def test_nobody_else_sees_or_adds_any(
    desk: OrderDesk, order: dict[str, Any], account: str
) -> None:
    made = (await attach(desk, order, desk.partner(account))).json()
    stranger = desk.partner(new_id("par"))
    assert (await attach(desk, order, stranger)).status_code == 404
    for method, path in (
        ("GET", f"/v1/orders/{order['id']}/attachments"),
        ("GET", made["content_url"]),
        ("DELETE", made["content_url"]),
    ):
        answer = await desk.client.request(method, path, headers=stranger)
        assert answer.status_code == 404, path


async def test_while_the_store_is_down_nothing_is_attached(
    desk: OrderDesk, order: dict[str, Any], account: str, kind: str, store: Bucket
) -> None:
    if kind == "folder":
        pytest.skip("a folder is there or it isn't")
    store.is_down = True
    answer = await attach(desk, order, desk.partner(account))
    store.is_down = False
    assert (answer.status_code, answer.json()["code"]) == (503, "attachments-unavailable")
    assert "key" not in answer.text
    again = await attach(desk, order, desk.partner(account))
    assert again.status_code == 201
    await eventually(lambda: store.objects)


async def test_an_upload_that_never_ended_is_swept(
    desk: OrderDesk, order: dict[str, Any], account: str, kind: str, folder: Path, store: Bucket
) -> None:
    async def breaks_off() -> AsyncIterator[bytes]:
        yield JPEG
        raise ClientDisconnect

    answer = await attach(desk, order, desk.partner(account), breaks_off())
    assert (answer.status_code, answer.json()["code"]) == (400, "upload-cut-short")
    pending = "SELECT count(*) FROM attachments WHERE order_id = :o AND state = 'arriving'"
    assert await desk.scalar(pending, o=order["id"]) == 1
    listed = await desk.client.get(
        f"/v1/orders/{order['id']}/attachments", headers=desk.partner(account)
    )
    assert listed.json()["data"] == []
    desk.clock.advance(timedelta(hours=2))
    await sweep(_files(desk))
    left = "SELECT count(*) FROM attachments WHERE order_id = :o"
    assert await desk.scalar(left, o=order["id"]) == 0


def _files(desk: OrderDesk) -> Files:
    return Files(desk.service.database, Shelf(desk.settings.attachments_url), MOST)
