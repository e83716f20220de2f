"""Bodies written from nothing but an OpenAPI document's own examples."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from conformance.operations import Json, Operation


class NoExample(Exception):
    """A required field has no example; the message says what to add, and where."""


def sample(operation: Operation, schema: Json, ids: Mapping[str, str], pointer: str = "") -> Any:
    """Write the smallest value that a schema allows; ids are a household's."""
    schema = operation.resolved(schema)
    name = pointer.rpartition("/")[2]
    for key in ("examples", "enum"):
        if schema.get(key):
            return schema[key][0]
    if "const" in schema:
        return schema["const"]
    for choice in schema.get("anyOf", schema.get("oneOf", [])):
        if choice.get("type") != "null":
            return sample(operation, choice, ids, pointer)
    if name in ids:
        return ids[name]
    match schema.get("type"):
        case "object":
            return {
                field: sample(operation, schema["properties"][field], ids, f"{pointer}/{field}")
                for field in schema.get("required", [])
            }
        case "array" if "prefixItems" in schema:
            parts = enumerate(schema["prefixItems"])
            return [sample(operation, part, ids, f"{pointer}/{place}") for place, part in parts]
        case "array":
            return [
                sample(operation, schema["items"], ids, f"{pointer}/{place}")
                for place in range(schema.get("minItems", 0))
            ]
        case "boolean":
            return True
    raise NoExample(
        f"{operation}: {pointer or 'the body'} has no example. Give it one in its schema, "
        f"Field(examples=[…]), or add {str(operation)!r} to tests/conformance/*_calls.py."
    )


def objects(value: Any, pointer: str = "") -> Iterator[str]:
    """List the pointers of the objects in a body, itself included."""
    if isinstance(value, dict):
        yield pointer
        for name, inner in value.items():
            yield from objects(inner, f"{pointer}/{name}")
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from objects(inner, f"{pointer}/{place}")


def changed(body: Any, pointer: str, value: Any) -> Any:
    """Copy a body, with another value where the pointer leads to."""
    copy: Any = [json.loads(json.dumps(body))]
    holder, last = copy, "0"
    for step in pointer.split("/")[1:]:
        holder, last = found(holder, last), step
    holder[int(last) if isinstance(holder, list) else last] = value
    return copy[0]


def found(holder: Any, step: str) -> Any:
    """Return what one step of a pointer leads to; None where nothing is."""
    if isinstance(holder, list):
        return holder[int(step)]
    return holder.get(step)


def open_objects(
    operation: Operation, schema: Json, seen: frozenset[str] = frozenset()
) -> Iterator[str]:
    """Name the objects within a schema that would take fields that nobody knows."""
    if (reference := schema.get("$ref", "")) in seen:
        return
    seen |= {reference} - {""}
    schema = operation.resolved(schema)
    properties = schema.get("properties", {})
    if properties and schema.get("additionalProperties") is not False:
        yield schema["title"]
    inner = [*properties.values(), *schema.get("anyOf", []), *schema.get("oneOf", [])]
    inner += [schema[name] for name in ("items",) if name in schema]
    for each in [*inner, *schema.get("prefixItems", [])]:
        yield from open_objects(operation, each, seen)
