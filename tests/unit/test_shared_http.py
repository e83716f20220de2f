"""What every app answers to input that can't be served: always a problem, and never more."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Annotated, Any

import httpx
import pytest
import pytest_asyncio
from asyncpg import CharacterNotInRepertoireError, ConnectionDoesNotExistError
from asyncpg.exceptions import UntranslatableCharacterError
from fastapi import FastAPI, Query
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from shared import problems
from shared.edge import MAX_BODY_BYTES, Edge
from shared.idempotency import Idempotency
from shared.ids import Id
from shared.inputs import Body, Email, Line, MoneyInput, Phone, UtcMoment
from shared.pages import PageQuery, next_cursor
from shared.prefer import WaitSeconds


class Thing(Body):
    """One of each kind of field."""

    name: Line
    at: UtcMoment | None = None
    email: Email | None = None
    phone: Phone | None = None
    price: MoneyInput | None = None
    other_id: Id | None = None


class Refusal(Exception):
    """What a driver raises, with the state that the server gave."""

    def __init__(self, sqlstate: str) -> None:
        self.sqlstate = sqlstate


def app() -> FastAPI:
    made = FastAPI()
    problems.install(made)
    made.add_middleware(Edge, service="test")

    @made.post("/things")
    async def post(body: Thing, key: Idempotency) -> dict[str, str]:
        return {"name": body.name, "fingerprint": key.fingerprint.hex()}

    @made.get("/things")
    async def page(asked: Annotated[PageQuery, Query()], wait: WaitSeconds) -> dict[str, Any]:
        return {"cursor": asked.cursor, "limit": asked.limit, "wait": wait}

    @made.get("/fails/{how}")
    async def fail(how: str) -> None:
        match how:
            case "pool":
                raise PoolTimeout
            case "bug":
                raise RuntimeError("token=s3cret")
            case state:
                raise DBAPIError("INSERT", {"secret": "s3cret"}, Refusal(state))

    return made


@pytest_asyncio.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app(), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as made:
        yield made


def is_problem(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert (answer.status_code, body["status"], body["code"]) == (status, status, code)
    assert body["type"].endswith(f"/{code}")
    assert body["title"]
    assert body["detail"]
    return body


JSON = {"Content-Type": "application/json"}
NOT_JSON = {
    "cut off": b'{"name": ',
    "not UTF-8": b'{"name": "\xff"}',
    "nested without end": b"[" * 100_000,
    "a number without end": b'{"name": ' + b"9" * 5000 + b"}",
    "empty": b"",
}


@pytest.mark.seed(63)
@pytest.mark.parametrize("body", NOT_JSON.values(), ids=NOT_JSON)
async def test_what_is_not_json_is_malformed(client: httpx.AsyncClient, body: bytes) -> None:
    answer = await client.post("/things", content=body, headers=JSON)
    if body:
        is_problem(answer, 400, "malformed-json")
    else:
        is_problem(answer, 422, "invalid-request")


WRONG: dict[str, tuple[Any, str, str]] = {
    "missing": ({}, "/name", "missing"),
    "unknown": ({"name": "x", "a/b~c": 1}, "/a~1b~0c", "unknown-field"),
    "blank": ({"name": "  "}, "/name", "string-too-short"),
    "NUL": ({"name": "a\0b"}, "/name", "control-character"),
    "half of a character": ({"name": "\ud800"}, "/name", "string-unicode"),
    "another type": ({"name": 7}, "/name", "string-type"),
    "no object": ([], "", "model-attributes-type"),
    "naive time": ({"name": "x", "at": "2026-12-01T06:00:00"}, "/at", "not-utc"),
    "offset": ({"name": "x", "at": "2026-12-01T06:00:00+11:00"}, "/at", "not-utc"),
    "date": ({"name": "x", "at": "2026-12-01"}, "/at", "not-utc"),
    "seconds": ({"name": "x", "at": 1796104800}, "/at", "not-a-time"),
    "no time": ({"name": "x", "at": "noon"}, "/at", "not-a-time"),
    "email": ({"name": "x", "email": "a@"}, "/email", "not-an-email"),
    "header in email": ({"name": "x", "email": "a@b.example\r\nBcc: c@d.example"}, "/email", ""),
    "local phone": ({"name": "x", "phone": "0412345678"}, "/phone", "string-pattern-mismatch"),
    "phone that is none": ({"name": "x", "phone": "+1234567"}, "/phone", "not-e164"),
    "id": ({"name": "x", "other_id": "quo_short"}, "/other_id", "string-pattern-mismatch"),
    "currency": (
        {"name": "x", "price": {"amount": 1, "currency": "dollars"}}, "/price/currency",
        "string-pattern-mismatch",
    ),
    "a fraction": ({"name": "x", "price": {"amount": 1.5, "currency": "AUD"}}, "/price/amount", ""),
    "a float": ({"name": "x", "price": {"amount": 1.0, "currency": "AUD"}}, "/price/amount", ""),
    "a text": ({"name": "x", "price": {"amount": "1", "currency": "AUD"}}, "/price/amount", ""),
    "a truth": ({"name": "x", "price": {"amount": True, "currency": "AUD"}}, "/price/amount", ""),
    "less than nothing": (
        {"name": "x", "price": {"amount": -1, "currency": "AUD"}}, "/price/amount",
        "greater-than-equal",
    ),
}  # fmt: skip


@pytest.mark.seed(63)
@pytest.mark.parametrize(("body", "pointer", "code"), WRONG.values(), ids=WRONG)
async def test_a_field_that_is_wrong_is_named(
    client: httpx.AsyncClient, body: Any, pointer: str, code: str
) -> None:
    answer = await client.post("/things", content=json.dumps(body), headers=JSON)
    [error] = is_problem(answer, 422, "invalid-request")["errors"]
    assert error["pointer"] == pointer
    assert error["code"].startswith(code)
    assert error["message"]


async def test_an_unknown_field_that_is_no_text_is_named_as_far_as_it_can_be(
    client: httpx.AsyncClient,
) -> None:
    answer = await client.post(
        "/things", content=b'{"name": "x", "\\ud800": 1, "\\u0000": 2}', headers=JSON
    )
    body = is_problem(answer, 422, "invalid-request")
    assert {error["code"] for error in body["errors"]} <= {
        "unknown-field",
        "string-unicode",
        "invalid-key",
    }


async def chunks(count: int) -> AsyncIterator[bytes]:
    for _ in range(count):
        yield b" " * 65_536


@pytest.mark.parametrize("path", ["/things", "/things?"])
async def test_a_body_past_the_limit_is_refused_whether_or_not_it_tells(
    client: httpx.AsyncClient, path: str
) -> None:
    told = await client.post(path, content=b" " * (MAX_BODY_BYTES + 1), headers=JSON)
    is_problem(told, 413, "body-too-large")
    untold = await client.post(path, content=chunks(MAX_BODY_BYTES // 65_536 + 1), headers=JSON)
    is_problem(untold, 413, "body-too-large")
    fits = await client.post(path, content=chunks(MAX_BODY_BYTES // 65_536), headers=JSON)
    is_problem(fits, 400, "malformed-json")


@pytest.mark.parametrize("url", ["/things/a%00b", "/things?cursor=%00"])
async def test_nul_in_a_url_is_refused(client: httpx.AsyncClient, url: str) -> None:
    is_problem(await client.get(url), 400, "malformed-url")


async def test_what_is_not_there_and_what_is_not_meant(client: httpx.AsyncClient) -> None:
    is_problem(await client.get("/nothing"), 404, "not-found")
    answer = await client.delete("/things")
    is_problem(answer, 405, "method-not-allowed")
    assert set(answer.headers["allow"].split(", ")) <= {"GET", "POST"}


@pytest.mark.parametrize(
    ("how", "status", "code"),
    [
        ("pool", 503, "unavailable"),
        (ConnectionDoesNotExistError.sqlstate, 503, "unavailable"),
        ("40P01", 503, "unavailable"),
        (CharacterNotInRepertoireError.sqlstate, 422, "unstorable-text"),
        (UntranslatableCharacterError.sqlstate, 422, "unstorable-text"),
        ("23505", 500, "internal-error"),
        ("bug", 500, "internal-error"),
    ],
)
async def test_a_failure_is_a_problem_that_tells_nothing(
    client: httpx.AsyncClient, how: str, status: int, code: str
) -> None:
    answer = await client.get(f"/fails/{how}")
    is_problem(answer, status, code)
    assert ("retry-after" in answer.headers) == (status == 503)
    assert "s3cret" not in answer.text


async def test_every_answer_names_its_request(client: httpx.AsyncClient) -> None:
    assert (await client.get("/things")).headers["x-request-id"]
    for path in ("/things", "/nothing", "/fails/bug"):
        named = await client.get(path, headers={"X-Request-Id": "mine-1"})
        assert named.headers["x-request-id"] == "mine-1"
    forged = await client.get("/things", headers={"X-Request-Id": "a b"})
    assert forged.headers["x-request-id"] != "a b"


@pytest.mark.parametrize("key", ["", "x" * 256, "a b"])
async def test_a_malformed_idempotency_key_is_refused_by_name(
    client: httpx.AsyncClient, key: str
) -> None:
    answer = await client.post("/things", json={"name": "x"}, headers={"Idempotency-Key": key})
    [error] = is_problem(answer, 422, "invalid-request")["errors"]
    assert error["pointer"].lower() == "/idempotency-key"


async def test_a_request_is_the_same_by_method_path_and_body(client: httpx.AsyncClient) -> None:
    async def fingerprint(path: str, body: bytes) -> str:
        headers = JSON | {"Idempotency-Key": "k"}
        answer = await client.post(path, content=body, headers=headers)
        return str(answer.json()["fingerprint"])

    first = await fingerprint("/things", b'{"name": "x"}')
    assert await fingerprint("/things", b'{"name": "x"}') == first
    assert await fingerprint("/things", b'{"name": "y"}') != first


@pytest.mark.parametrize("cursor", ["%C3%A9", "AA", "not base64!", "x" * 401, "/w"])
async def test_a_cursor_that_is_not_ours_is_refused(client: httpx.AsyncClient, cursor: str) -> None:
    answer = await client.get(f"/things?cursor={cursor}")
    [error] = is_problem(answer, 422, "invalid-request")["errors"]
    assert error["pointer"] == "/cursor"


async def test_a_page_leads_to_the_next(client: httpx.AsyncClient) -> None:
    assert next_cursor(["c", "b"], 2) is None
    longest = "jörg" * 50 + "@exämple.de"
    cursor = next_cursor([longest, "more"], 1)
    assert (await client.get(f"/things?cursor={cursor}")).json()["cursor"] == longest
    cursor = next_cursor(["c", "b", "a"], 2)
    assert (await client.get(f"/things?cursor={cursor}&limit=2")).json()["cursor"] == "b"
    assert (await client.get("/things")).json()["limit"] == 20
    for limit in ("0", "101", "many"):
        is_problem(await client.get(f"/things?limit={limit}"), 422, "invalid-request")


@pytest.mark.parametrize(
    ("prefer", "seconds"),
    [
        (None, 2), ("wait=5", 5), ("wait=0", 0), ("wait=9999", 10), ("wait=99999", 10),
        ("respond-async, wait=3", 3), ('wait="4"', 4), ("WAIT = 6", 6), ("wait=-1", 2),
        ("await=9", 2), ("wait=1.5", 2),
    ],
)  # fmt: skip
async def test_a_caller_says_how_long_it_will_wait(
    client: httpx.AsyncClient, prefer: str | None, seconds: float
) -> None:
    answer = await client.get("/things", headers={"Prefer": prefer} if prefer else {})
    assert answer.json()["wait"] == seconds
