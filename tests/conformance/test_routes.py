"""A walk through every operation of every service, as the OpenAPI documents list them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from prometheus_client import REGISTRY

from conformance.answers import mismatches, pointers, problem
from conformance.calls import Call
from conformance.examples import example, refusable
from conformance.household import Household
from conformance.operations import OPERATIONS, Operation
from conformance.platform import Platform
from conformance.samples import changed, objects
from conformance.walk import (
    AS_JSON,
    BOOKABLE_BY_ALL,
    CLOSED_BODIES,
    GUARDED,
    JSON_BODIES,
    LISTS,
    METHODS,
    NOW,
    PAGED,
    POSTS,
    REFERRING,
    SCOPES,
    SHOWN,
    SUCCESSES,
    TENANTED,
    TOKEN_ENDPOINTS,
    anyone,
    methods_at,
    send,
    whoever,
    written,
)
from infra.access import SigningKeys
from infra.waiting import eventually
from shared.edge import MAX_BODY_BYTES
from shared.ids import new_event_id, new_id

NOTHING = Call()
MALFORMED = {
    "cut short": b'{"a": ',
    "no UTF-8": b'{"a": "\xff"}',
    "too deep": b"[" * 100_000,
    "too long a number": b'{"a": ' + b"9" * 5_000 + b"}",
}

each_of = pytest.mark.parametrize


@pytest.mark.seed(30)
@each_of("operation", GUARDED, ids=str)
async def test_no_token_no_answer(owner: Household, operation: Operation) -> None:
    keys, scopes = owner.platform.keys, operation.scopes
    refused = [
        {},
        {"Authorization": "Bearer nonsense"},
        {"Authorization": "Basic bmFtZTpwYXNz"},
        {"Authorization": f"Bearer {keys.token(*scopes, issuer='https://other.dev')}"},
        keys.headers(*scopes, lifetime=-60),
        SigningKeys().headers(*scopes),
    ]
    for headers in refused:
        answer = await send(owner, operation, NOTHING, headers)
        problem(answer, 401, "unauthenticated")
        assert answer.headers["www-authenticate"].startswith("Bearer ")


@each_of("operation", GUARDED, ids=str)
async def test_a_scope_that_is_not_enough(owner: Household, operation: Operation) -> None:
    for scope in {*SCOPES, "nobody"} - operation.scopes:
        answer = await send(owner, operation, NOTHING, owner.headers(scope))
        problem(answer, 403, "insufficient-scope")
        enough = " ".join(sorted(operation.scopes))
        assert f'scope="{enough}"' in answer.headers["www-authenticate"]


@each_of("operation", GUARDED, ids=str)
async def test_its_path_names_it_in_the_metrics(owner: Household, operation: Operation) -> None:
    await send(owner, operation, NOTHING, {})
    labels = {"service": operation.service, "route": operation.path}
    assert REGISTRY.get_sample_value("roadworthy_http_seconds_count", labels)


@pytest.mark.seed(31)
@each_of("operation", GUARDED, ids=str)
async def test_an_account_that_is_not_the_tokens(owner: Household, operation: Operation) -> None:
    headers = anyone(operation, owner) | {"Partner-Id": new_id("par")}
    problem(await send(owner, operation, NOTHING, headers), 403, "partner-mismatch")


@pytest.mark.seed(33)
@each_of(("operation", "scope"), TENANTED, ids=str)
async def test_anothers_thing_is_as_none(
    owner: Household, stranger: Household, operation: Operation, scope: str
) -> None:
    headers = stranger.headers(scope) | NOW
    call = await refusable(operation, stranger)
    nobodys = {name: new_id(owner.ids[name][:3]) for name in operation.ids}
    for place, name in enumerate(operation.ids):
        own = {parent: stranger.ids[parent] for parent in operation.ids[:place]}
        theirs = replace(call, ids=owner.ids | own)
        none = replace(call, ids=nobodys | own)
        seen = await send(stranger, operation, theirs, headers)
        unseen = await send(stranger, operation, none, headers)
        problem(unseen, 404, "not-found")
        problem(seen, 404, "not-found")
        assert seen.content == unseen.content, name


@pytest.mark.seed(33)
@each_of("operation", REFERRING, ids=str)
async def test_anothers_thing_in_a_body_is_as_none(
    owner: Household, stranger: Household, operation: Operation
) -> None:
    headers = anyone(operation, stranger) | NOW
    call = await refusable(operation, stranger)
    for name in owner.ids.keys() & operation.body_ids - BOOKABLE_BY_ALL:
        nobodys = new_id(owner.ids[name][:3])
        theirs = replace(call, body=call.body | {name: owner.ids[name]})
        none = replace(call, body=call.body | {name: nobodys})
        seen = await send(stranger, operation, theirs, headers)
        unseen = await send(stranger, operation, none, headers)
        problem(seen, unseen.status_code)
        assert seen.text.replace(owner.ids[name], nobodys) == unseen.text


@pytest.mark.seed(33)
@each_of("operation", LISTS, ids=str)
async def test_lists_have_ones_own_things_alone(
    owner: Household, stranger: Household, operation: Operation
) -> None:
    call = await refusable(operation, stranger)
    call = replace(call, query={**call.query, **({"limit": "100"} if operation in PAGED else {})})

    async def own() -> bool:
        answer = await send(owner, operation, call, anyone(operation, owner))
        return bool(answer.json()["data"])

    await eventually(own)
    answer = await send(stranger, operation, call, anyone(operation, stranger))
    assert answer.status_code == 200, answer.text
    ids = {name: value for name, value in owner.ids.items() if name.endswith("_id")}
    assert [name for name, value in ids.items() if value in answer.text] == []


@each_of("operation", [each for each in GUARDED if each.ids], ids=str)
async def test_what_is_not_there(owner: Household, operation: Operation) -> None:
    call = await refusable(operation, owner)
    none = replace(call, ids={name: new_id(owner.ids[name][:3]) for name in operation.ids})
    answer = await send(owner, operation, none, anyone(operation, owner) | NOW)
    problem(answer, 404, "not-found")


@pytest.mark.seed(63)
@each_of("operation", CLOSED_BODIES, ids=str)
async def test_an_unknown_field_is_named(owner: Household, operation: Operation) -> None:
    call = await refusable(operation, owner)
    for pointer in objects(call.body):
        more = replace(call, body=changed(call.body, f"{pointer}/unheard_of", 1))
        answer = await send(owner, operation, more, anyone(operation, owner))
        refused = problem(answer, 422, "invalid-request")
        assert pointers(refused) == [(f"{pointer}/unheard_of", "unknown-field")]


@each_of("operation", [each for each in OPERATIONS if not each.takes_file], ids=str)
async def test_a_body_that_is_too_large(owner: Household, operation: Operation) -> None:
    async def of_unknown_length() -> AsyncIterator[bytes]:
        for _ in range(MAX_BODY_BYTES // 65_536 + 1):
            yield b" " * 65_536

    headers = anyone(operation, owner) | AS_JSON
    large = b" " * (MAX_BODY_BYTES + 1)
    answer = await send(owner, operation, NOTHING, headers, content=large)
    problem(answer, 413, "body-too-large")
    if operation.takes_json:
        answer = await send(owner, operation, NOTHING, headers, content=of_unknown_length())
        problem(answer, 413, "body-too-large")


@each_of("operation", JSON_BODIES, ids=str)
async def test_a_body_that_is_no_json(owner: Household, operation: Operation) -> None:
    headers = anyone(operation, owner) | AS_JSON
    code = "invalid-request" if str(operation) in TOKEN_ENDPOINTS else "malformed-json"
    for malformed in MALFORMED.values():
        answer = await send(owner, operation, NOTHING, headers, content=malformed)
        problem(answer, 400, code)


@pytest.mark.seed(63)
@each_of("operation", PAGED, ids=str)
async def test_a_page_of_no_such_size(owner: Household, operation: Operation) -> None:
    call = await refusable(operation, owner)
    for name, value in [("limit", "0"), ("limit", "101"), ("limit", "9" * 30), ("cursor", "AAA")]:
        if name in operation.names("query"):
            asked = replace(call, query={**call.query, name: value})
            answer = await send(owner, operation, asked, anyone(operation, owner))
            [(pointer, _)] = pointers(problem(answer, 422, "invalid-request"))
            assert pointer == f"/{name}"


@each_of("operation", POSTS, ids=str)
async def test_a_repeated_request_is_answered_again_and_done_once(
    owner: Household, stranger: Household, operation: Operation
) -> None:
    assert "idempotency-key" in [name.lower() for name in operation.names("header")]
    call = await example(operation, owner)
    key = {"Idempotency-Key": new_event_id()}
    headers = anyone(operation, owner) | key
    first = await send(owner, operation, call, headers)
    assert first.is_success, first.text
    assert "idempotent-replayed" not in first.headers
    service = owner.platform.services[operation.service]
    for _ in range(10):  # others' events may be written meanwhile; a repetition writes each time
        before = await written(service)
        again = await send(owner, operation, call, headers)
        after = await written(service)
        if before == after:
            break
        await asyncio.sleep(0.1)
    assert before == after
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert again.headers["idempotent-replayed"] == "true"
    assert again.headers.get("location") == first.headers.get("location")

    said = f"{json.dumps(call.body)} " if operation.takes_json else "{}"
    more = said.encode() if call.content is None else call.content + b" "
    other = await send(owner, operation, call, headers | AS_JSON, content=more)
    problem(other, 422, "idempotency-key-reused")

    scopes = operation.scopes & {"partner", "workshop"} or {"operator"}
    answer = await send(owner, operation, call, stranger.headers(*scopes) | key | NOW)
    assert "idempotent-replayed" not in answer.headers


@each_of(("operation", "status"), SUCCESSES, ids=str)
async def test_success_is_as_documented(
    owner: Household, operation: Operation, status: int
) -> None:
    call = await example(operation, owner, status)
    answer = await send(owner, operation, call, whoever(operation, owner, call))
    assert answer.status_code == status, answer.text
    assert mismatches(operation, answer) == []
    if location := answer.headers.get("location"):
        found = await owner.platform.client.get(location, headers=anyone(operation, owner))
        assert found.status_code == 200, location


@each_of("path", METHODS)
async def test_a_method_that_a_path_has_not(owner: Household, path: str) -> None:
    address = path.format_map(owner.ids)
    # Such as /import, which is no service's name, but could be.
    has = methods_at(address)
    other = min({"DELETE", "PUT", "POST"} - has)
    answer = await owner.platform.client.request(other, address, headers=owner.operator)
    problem(answer, 405, "method-not-allowed")
    assert set(answer.headers["allow"].split(", ")) == has


@each_of("operation", OPERATIONS, ids=str)
async def test_without_its_database(
    owner: Household, cut_off: Platform, operation: Operation
) -> None:
    call = await refusable(operation, owner)
    headers = anyone(operation, owner) | NOW
    answer = await send(replace(owner, platform=cut_off), operation, call, headers)
    if not answer.is_success:  # few need none
        problem(answer, 503)
        assert answer.headers["retry-after"]


@each_of("operation", SHOWN, ids=str)
async def test_every_partner_may_look_at_every_workshop(
    owner: Household, stranger: Household, operation: Operation
) -> None:
    call = await refusable(operation, owner)
    answer = await send(owner, operation, call, stranger.headers("partner"))
    assert answer.status_code == 200
