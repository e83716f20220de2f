"""A call of an operation, and how those are prepared that examples alone can't make succeed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from conformance.household import Household
from conformance.operations import Operation


@dataclass(frozen=True)
class Call:
    """One call of an operation: the ids in its path, its query and its body."""

    ids: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    content: bytes | None = None
    by_operator: bool = False
    """Whether that answer is only an operator's, though others may call the operation."""

    def request(self, operation: Operation, ids: Mapping[str, str]) -> dict[str, Any]:
        """Say it to an HTTP client; ids that the call hasn't are those given."""
        try:
            path = operation.path.format_map({**ids, **self.ids})
        except KeyError as unknown:
            raise LookupError(
                f"{operation}: nobody has a {unknown}. Have Household.settle() make one."
            ) from None
        asked: dict[str, Any] = {"method": operation.method, "url": path, "params": self.query}
        if self.content is not None:
            return asked | {"content": self.content}
        return asked | ({"json": self.body} if operation.takes_json else {})


Prepare = Callable[[Household], Awaitable[Call]]

PREPARED: dict[str, Prepare] = {}
"""By `METHOD path`, or `METHOD path status` for a success that isn't the usual one."""


def prepares(*names: str) -> Callable[[Prepare], Prepare]:
    """Register how to prepare an operation's success."""

    def register(prepare: Prepare) -> Prepare:
        PREPARED.update(dict.fromkeys(names, prepare))
        return prepare

    return register
