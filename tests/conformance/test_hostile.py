"""Values that no client should send: whatever comes is refused, and stops nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from conformance import hostile
from conformance.answers import problem
from conformance.examples import example, refusable
from conformance.household import Household
from conformance.operations import OPERATIONS, Operation
from conformance.walk import AS_JSON, JSON_BODIES, NOW, ailments, anyone, send
from roadworthy.gateway import SERVICES

each_of = pytest.mark.parametrize


@each_of("operation", JSON_BODIES, ids=str)
async def test_no_value_in_a_body_makes_it_fail(owner: Household, operation: Operation) -> None:
    call = await example(operation, owner)
    headers = anyone(operation, owner) | AS_JSON | NOW
    for pointer, body in hostile.bodies(operation, call.body, owner.ids):
        answer = await send(owner, operation, call, headers, content=body)
        if not answer.is_success:
            assert answer.status_code < 500, (pointer, body[:500], answer.text)
            problem(answer, answer.status_code)


@each_of("operation", OPERATIONS, ids=str)
async def test_no_url_and_no_header_makes_it_fail(owner: Household, operation: Operation) -> None:
    call = await refusable(operation, owner)
    headers = anyone(operation, owner) | NOW
    for name in operation.names("path"):
        for segment in hostile.PATHS:
            path = operation.path.format_map({**owner.ids, name: segment})
            answer = await send(owner, operation, call, headers, url=path)
            problem(answer, answer.status_code)
            assert answer.status_code < 500, (path, answer.text)
    for name in operation.names("query"):
        for value in hostile.QUERIES:
            asked = replace(call, query={**call.query, name: value})
            answer = await send(owner, operation, asked, headers)
            assert answer.status_code < 500, (name, value, answer.text)
    for name, values in hostile.HEADERS.items():
        for value in values:
            answer = await send(owner, operation, call, headers | {name: value})
            assert answer.status_code < 500, (name, value, answer.text)


@each_of("operation", [each for each in OPERATIONS if each.names("query")], ids=str)
async def test_no_parameter_is_passed_over(owner: Household, operation: Operation) -> None:
    call = await refusable(operation, owner)
    asked = replace(call, query={**call.query, "worksop_id": "wks_1"})
    answer = await send(owner, operation, asked, anyone(operation, owner) | NOW)
    problem(answer, 422)
    assert ("worksop_id", "unknown-field") in {
        (each["pointer"].rpartition("/")[2], each["code"]) for each in answer.json()["errors"]
    }


@each_of("service", SERVICES)
async def test_nothing_of_this_stopped_a_service(owner: Household, service: str) -> None:
    assert await ailments(owner.platform.services[service]) == []
