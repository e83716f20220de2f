"""Every operation of every service, as its OpenAPI document has it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from conformance.platform import built
from infra.access import SigningKeys

Json = dict[str, Any]

JSON = "application/json"
FILE = "application/octet-stream"


@dataclass(frozen=True, eq=False)
class Operation:
    """One method of one path."""

    service: str
    method: str
    path: str
    spec: Json
    document: Json

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @cached_property
    def scopes(self) -> frozenset[str]:
        """Name the scopes of which each alone lets a caller in; none where anybody is."""
        ways = self.spec.get("security", [])
        return frozenset(scope for way in ways for scopes in way.values() for scope in scopes)

    @property
    def is_public(self) -> bool:
        return not self.spec.get("security")

    @property
    def takes_json(self) -> bool:
        return JSON in self.spec.get("requestBody", {}).get("content", {})

    @property
    def takes_file(self) -> bool:
        return FILE in self.spec.get("requestBody", {}).get("content", {})

    def gives_file(self, status: int) -> bool:
        content = self.spec["responses"][str(status)].get("content", {})
        return bool(content) and JSON not in content

    @property
    def body_schema(self) -> Json:
        schema: Json = self.spec["requestBody"]["content"][JSON]["schema"]
        return schema

    @property
    def successes(self) -> list[int]:
        """List the documented statuses of success, the usual one first."""
        return [int(status) for status in self.spec["responses"] if status.startswith("2")]

    @property
    def ids(self) -> list[str]:
        """Name the ids in the path: what it calls by another name is no account's own."""
        return [name for name in self.names("path") if name.endswith("_id")]

    @property
    def lists(self) -> bool:
        """Tell whether the answer is a list of things."""
        if self.method != "GET":
            return False
        schema = self.resolved(self.answer_schema(self.successes[0]) or {})
        return schema.get("properties", {}).get("data", {}).get("type") == "array"

    @property
    def body_ids(self) -> set[str]:
        """Name the ids in the body."""
        properties = self.resolved(self.body_schema).get("properties", {})
        return {name for name in properties if name.endswith("_id")}

    def parameters(self, place: str) -> list[Json]:
        """List the parameters in this place: path, query or header."""
        return [each for each in self.spec.get("parameters", []) if each["in"] == place]

    def names(self, place: str) -> list[str]:
        return [each["name"] for each in self.parameters(place)]

    def answer_schema(self, status: int) -> Json | None:
        """Return what an answer of this status must look like; None where it is no JSON."""
        content = self.spec["responses"][str(status)].get("content")
        return content.get(JSON, {}).get("schema") if content else None

    def resolved(self, schema: Json) -> Json:
        """Follow a reference within the document."""
        while "$ref" in schema:
            found: Any = self.document
            for step in schema["$ref"].removeprefix("#/").split("/"):
                found = found[step]
            schema = found
        return schema


def documents() -> dict[str, Json]:
    """Return each service's document; nothing runs for that."""
    return {name: service.app.openapi() for name, service in built({}, SigningKeys()).items()}


def _operations(documents: Mapping[str, Json]) -> Iterator[Operation]:
    for service, document in documents.items():
        for path, methods in document["paths"].items():
            for method, spec in methods.items():
                yield Operation(service, method.upper(), path, spec, document)


DOCUMENTS = documents()
OPERATIONS = tuple(_operations(DOCUMENTS))
