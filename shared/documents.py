"""What an app's OpenAPI document says beyond what FastAPI knows: who may call, how it refuses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI

from shared.problems import MEDIA_TYPE, PROBLEM_BASE

_CODE = {"type": "string", "pattern": "^[a-z0-9]+(-[a-z0-9]+)*$"}
_PROBLEM = {
    "type": "object",
    "title": "Problem",
    "description": "What went wrong (RFC 9457). The code is stable; title and texts may change.",
    "required": ["type", "title", "status", "code", "detail"],
    "properties": {
        "type": {"type": "string", "format": "uri", "examples": [f"{PROBLEM_BASE}/not-found"]},
        "title": {"type": "string", "examples": ["Not found"]},
        "status": {"type": "integer", "minimum": 400, "maximum": 599, "examples": [404]},
        "code": {**_CODE, "examples": ["not-found"]},
        "detail": {"type": "string", "examples": ["There is no such quote."]},
        "errors": {
            "type": "array",
            "items": {"$ref": "#/components/schemas/FieldError"},
            "description": "Every bad field of an input.",
        },
    },
}
_FIELD_ERROR = {
    "type": "object",
    "title": "FieldError",
    "description": "What is wrong with one field, by its JSON pointer (RFC 6901).",
    "required": ["pointer", "code", "message"],
    "properties": {
        "pointer": {"type": "string", "examples": ["/items/0/notes"]},
        "code": {**_CODE, "examples": ["unknown-field"]},
        "message": {"type": "string"},
    },
}
_REFUSED = {
    "description": "Refused: `code` says why, `errors` names every bad field",
    "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
_FAILED = {**_REFUSED, "description": "Not done, for no fault of the caller's: try again"}


def complete(app: FastAPI) -> None:
    """Have an app's document name the problems, and each scope that is enough by itself."""
    generate = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            _complete(generate())
        return generate()

    app.openapi = openapi  # type: ignore[method-assign] # as FastAPI has it extended


def _complete(document: dict[str, Any]) -> None:
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    schemas |= {"Problem": _PROBLEM, "FieldError": _FIELD_ERROR}
    components["responses"] = {"Refused": _REFUSED, "Failed": _FAILED}
    for operation in _operations(document):
        operation["responses"].pop("422", None)
        operation["responses"] |= {
            "4XX": {"$ref": "#/components/responses/Refused"},
            "5XX": {"$ref": "#/components/responses/Failed"},
        }
        if "security" in operation:
            operation["security"] = list(_alternatives(operation["security"]))


def _operations(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for methods in document["paths"].values():
        yield from methods.values()


def _alternatives(security: list[dict[str, list[str]]]) -> Iterator[dict[str, list[str]]]:
    """Split what FastAPI writes as one: scopes in one requirement would all be needed."""
    for requirement in security:
        for scheme, scopes in requirement.items():
            yield from ({scheme: [scope]} for scope in scopes)
