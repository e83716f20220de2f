"""Values that no client should send, and some do."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from conformance.operations import Json, Operation
from conformance.samples import NoExample, changed, sample

TEXTS = (
    "",
    "\x00",
    "\ud800",
    "a\r\nBcc: everybody@example.com",
    "\u202e\U0001f697\u2028",
    "x" * 100_000,
    "{{ 7 * 7 }}%s%n' OR 1=1 --",
)
TIMES = (
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59Z",
    "2026-12-01T06:00:00+14:00",
    "2026-02-30",
    "P999999999D",
    "PT0.000001S",
)
NUMBERS = (-1, 2**31, 2**53 + 1, 2**63, 2**64, 10**400, 1e308, 0.1)
OTHERS: tuple[Any, ...] = (None, True, [], {}, [[]] * 1000)
PATHS = ("%00", "%FF", "%ED%A0%80", "..%2F..", "%F0%9F%9A%97", "x" * 5_000, " ", "%25")
QUERIES = ("", "\x00", "\ufffd", "x" * 5_000, "-1", "9" * 400, "9999-12-31", "0001-01-01", "%", "[")
HEADERS = {
    "Idempotency-Key": (b"", b"\xff", b"x" * 300),
    "Prefer": (b"wait=0, wait=" + b"9" * 100, b"\xff, wait=0"),  # none that is waited for
    "Partner-Id": (b"\xff", b"x" * 5_000),
    "X-Request-Id": (b"\xff", b"x" * 5_000),
    "traceparent": (b"\xff", b"00-" + b"f" * 5_000),
    "Authorization": (b"Bearer \xff", b"Bearer " + b"x." * 5_000, b"Basic \xff", b"Bearer"),
}


def bodies(operation: Operation, body: Any, ids: Mapping[str, str]) -> Iterator[tuple[str, bytes]]:
    """Copy a good body with one bad value in it: for every part that it has or could have.

    Of the siblings that are alike, such as the days of a week, one stands for all.
    """
    parts = Parts(operation, ids)
    seen: set[tuple[str, str]] = set()
    for pointer, schema, base in parts.of(operation.body_schema, body, body):
        kind = json.dumps(
            {name: schema[name] for name in schema.keys() - {"title"}}, sort_keys=True
        )
        place = pointer.rpartition("/")[0], kind
        if place not in seen:
            seen.add(place)
            for value in _values(operation, schema):
                yield pointer, json.dumps(changed(base, pointer, value)).encode()


@dataclass(frozen=True)
class Parts:
    """Finds the parts of an operation's body."""

    operation: Operation
    ids: Mapping[str, str]

    def of(
        self, schema: Json, value: Any, body: Any, pointer: str = ""
    ) -> Iterator[tuple[str, Json, Any]]:
        """List each part of a value: its pointer, its schema, a body that has a place for it."""
        yield pointer, self.operation.resolved(schema), body
        for choice in schema.get("anyOf", [schema]):
            known = self.operation.resolved(choice)
            if isinstance(value, list) and known.get("type") == "array":
                parts = known.get("prefixItems") or [known["items"]][: len(value)]
                for number, inner in enumerate(parts):
                    yield from self.of(inner, value[number], body, f"{pointer}/{number}")
            elif isinstance(value, dict):
                for name, inner in known.get("properties", {}).items():
                    place = f"{pointer}/{name}"
                    usual = value[name] if name in value else self._usual(inner, place)
                    holding = body if name in value else changed(body, place, usual)
                    yield from self.of(inner, usual, holding, place)

    def _usual(self, schema: Json, pointer: str) -> Any:
        try:
            return sample(self.operation, schema, self.ids, pointer)
        except NoExample:
            return None


def _values(operation: Operation, schema: Json) -> tuple[Any, ...]:
    choices = [operation.resolved(each) for each in schema.get("anyOf", [schema])]
    kinds = {choice.get("type") for choice in choices}
    if kinds & {"integer", "number"}:
        return NUMBERS
    if "string" not in kinds:
        return OTHERS
    formal = any({"format", "pattern"} & choice.keys() for choice in choices)
    return TEXTS + TIMES if formal else TEXTS
