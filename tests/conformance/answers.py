"""What an answer must be, whichever route gave it."""

from __future__ import annotations

import re
from copy import deepcopy
from functools import cache
from typing import Any

import httpx
from jsonschema import Draft202012Validator

from conformance.operations import Json, Operation
from shared.problems import MEDIA_TYPE, PROBLEM_BASE

_KEBAB = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def problem(answer: httpx.Response, status: int, code: str | None = None) -> Json:
    """Check that an answer is a problem of this status, and return it."""
    said = (
        f"{answer.request.method} {answer.request.url}: {answer.status_code} {answer.text[:2000]}"
    )
    assert answer.status_code == status, said
    assert answer.headers["content-type"] == MEDIA_TYPE, said
    assert answer.headers["x-request-id"], said
    found: Json = answer.json()
    assert found["status"] == status, said
    assert _KEBAB.fullmatch(found["code"]), said
    assert code in (None, found["code"]), said
    assert found["type"] == f"{PROBLEM_BASE}/{found['code']}", said
    assert found["title"], said
    assert found["detail"], said
    return found


def pointers(found: Json) -> list[tuple[str, str]]:
    """List a problem's bad fields with their codes."""
    return [(error["pointer"], error["code"]) for error in found.get("errors", [])]


def mismatches(operation: Operation, answer: httpx.Response) -> list[str]:
    """List where a success differs from what the document says, undocumented members included."""
    validator = _validator(operation, answer.status_code)
    if operation.gives_file(answer.status_code):
        return [] if answer.content else ["an empty file"]
    if validator is None:
        return [f"a body of {len(answer.content)} bytes"] if answer.content else []
    if not validator.schema.keys() - {"components"}:
        return ["the document says nothing of the body: give the route a response_model"]
    found = validator.iter_errors(answer.json())
    return [f"{error.json_path}: {error.message[:300]}" for error in found]


@cache
def _validator(operation: Operation, status: int) -> Draft202012Validator | None:
    schema = operation.answer_schema(status)
    if schema is None:
        return None
    return Draft202012Validator(_closed({**schema, "components": operation.document["components"]}))


def _closed(schema: Any) -> Any:
    """Forbid what a schema doesn't name, wherever it names something."""
    if isinstance(schema, list):
        return [_closed(each) for each in schema]
    if not isinstance(schema, dict):
        return deepcopy(schema)
    closed = {name: _closed(each) for name, each in schema.items()}
    if isinstance(schema.get("properties"), dict) and schema.get("type") == "object":
        closed.setdefault("additionalProperties", False)
    return closed
