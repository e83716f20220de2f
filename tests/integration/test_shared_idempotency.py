"""One key, one effect: the answer is kept with the write, and given again."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import replace

import pytest
from fastapi import FastAPI
from sqlalchemy import Text, bindparam, column, insert, table, text
from sqlalchemy.exc import IntegrityError
from starlette.requests import Request

from infra.plumbing import rows, told
from shared import problems
from shared.database import Database
from shared.idempotency import Answer, Once
from shared.problems import Problem, database_refused

ADD = insert(table("effects", column("subject"))).values(subject=bindparam("effect", type_=Text))
EFFECTS = "SELECT subject FROM effects ORDER BY place"


def present(result: str) -> Answer:
    return Answer(201, f'{{"made": "{result}"}}'.encode(), {"Location": f"/v1/things/{result}"})


def once(key: str | None, body: str = "body", owner: str = "par_one") -> Once[str]:
    return Once(owner, key, hashlib.sha256(body.encode()).digest(), present)


async def command(
    database: Database, request: Once[str], result: str = "thing", *, seconds: float = 0.0
) -> Answer:
    """Do what every handler does."""
    async with database.transaction() as work:
        if answer := await request.replayed(work):
            return answer
        statement = text("INSERT INTO effects (subject) VALUES (:result)")
        await work.connection.execute(statement, {"result": result})
        await asyncio.sleep(seconds)
        return await request.answer(work, result)


async def test_the_same_key_and_body_give_the_same_answer(bare: Database) -> None:
    first = await command(bare, once("k"), "first")
    again = await command(bare, once("k"), "second")
    assert (again.status, again.body) == (first.status, first.body)
    assert again.headers == first.headers | {"Idempotent-Replayed": "true"}
    assert await rows(bare, EFFECTS) == ["first"]


async def test_racing_requests_with_one_key_have_one_effect(bare: Database) -> None:
    racing = (command(bare, once("k"), str(number), seconds=0.1) for number in range(8))
    outcomes = await asyncio.gather(*racing, return_exceptions=True)
    assert len(await rows(bare, EFFECTS)) == 1
    answers = [each for each in outcomes if isinstance(each, Answer)]
    refusals = [each for each in outcomes if isinstance(each, Problem)]
    assert len(answers) + len(refusals) == 8
    assert len({answer.body for answer in answers}) == 1
    assert {(each.status, each.code) for each in refusals} == {(409, "idempotency-key-in-use")}
    assert (await command(bare, once("k"))).body == answers[0].body


async def addition(
    database: Database, request: Once[str], result: str = "thing", *, seconds: float = 0.0
) -> Answer:
    """Do what a command does that only adds."""
    async with database.addition() as work:
        if answer := await request.replayed(work):
            return answer
        await asyncio.sleep(seconds)
        work.add(ADD, values={"effect": result})
        work.publish(told(result, 1))
        return await request.answer(work, result)


async def test_of_racing_additions_with_one_key_one_is_added(bare: Database) -> None:
    racing = (addition(bare, once("k"), str(number), seconds=0.1) for number in range(8))
    outcomes = await asyncio.gather(*racing, return_exceptions=True)
    [first] = [each for each in outcomes if isinstance(each, Answer)]
    refusals = [each for each in outcomes if isinstance(each, IntegrityError)]
    assert len(refusals) == 7
    app = FastAPI()
    problems.install(app)
    asked = Request({"type": "http", "app": app})
    for refusal in refusals:
        answer = await database_refused(asked, refusal)
        assert (answer.status_code, answer.headers["retry-after"]) == (409, "1")
    [effect] = await rows(bare, EFFECTS)
    assert await rows(bare, "SELECT subject FROM events") == [effect]
    assert await rows(bare, "SELECT count(*) FROM outbox") == [1]
    again = await addition(bare, once("k"), "late")
    assert (again.body, again.is_replay) == (first.body, True)


@pytest.mark.parametrize(("kind", "then"), [("of.no.topic", "go on"), ("partner.updated", "fail")])
async def test_an_addition_that_fails_leaves_nothing(bare: Database, kind: str, then: str) -> None:
    async def fail() -> None:
        async with bare.addition() as work:
            work.add(ADD, values={"effect": "never"})
            work.publish(replace(told("never", 1), type=kind))
            if then == "fail":
                raise KeyError

    with pytest.raises(KeyError):
        await fail()
    assert await rows(bare, EFFECTS) == await rows(bare, "SELECT position FROM outbox") == []


async def test_another_body_is_refused(bare: Database) -> None:
    await command(bare, once("k", "one body"))
    with pytest.raises(Problem, match="another request") as refused:
        await command(bare, once("k", "another body"))
    assert (refused.value.status, refused.value.code) == (422, "idempotency-key-reused")
    assert len(await rows(bare, EFFECTS)) == 1


async def test_a_command_that_fails_keeps_neither_effect_nor_answer(bare: Database) -> None:
    async def refused_at_last() -> None:
        async with bare.transaction() as work:
            request = once("k")
            await request.replayed(work)
            await request.answer(work, "never")
            raise Problem(409, "slot-taken", "Somebody was faster.")

    with pytest.raises(Problem):
        await refused_at_last()
    answer = await command(bare, once("k", "and even another body"), "now")
    assert "Idempotent-Replayed" not in answer.headers
    assert await rows(bare, EFFECTS) == ["now"]


async def test_a_key_is_its_owners_alone(bare: Database) -> None:
    await command(bare, once("k", owner="par_one"), "one")
    await command(bare, once("k", owner="par_two"), "two")
    assert await rows(bare, EFFECTS) == ["one", "two"]


async def test_without_a_key_every_request_has_its_effect(bare: Database) -> None:
    await command(bare, once(None), "one")
    await command(bare, once(None), "two")
    assert await rows(bare, EFFECTS) == ["one", "two"]
    assert await rows(bare, "SELECT key FROM idempotency_keys") == []


@pytest.mark.parametrize("body", [b"", b"\x00\xff", "{'plate': 'Ω'}".encode(), b"x" * 1_000_000])
async def test_an_answer_is_kept_to_the_byte(bare: Database, body: bytes) -> None:
    request: Once[bytes] = Once("par_one", "k", b"", lambda result: Answer(200, result))
    async with bare.transaction() as work:
        await request.answer(work, body)
    async with bare.transaction() as work:
        again = await request.replayed(work)
    assert again is not None
    assert again.body == body
