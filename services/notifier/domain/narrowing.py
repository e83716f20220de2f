"""What an endpoint is narrowed to, and the headers that its owner wishes for."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

PAYLOAD_VERSIONS = (1,)
"""The versions of a webhook's body that there are; an endpoint keeps the one it was made with."""

MAX_HEADERS = 10
MAX_HEADER_VALUE = 1000

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}")
_VALUE = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?")

# What the request itself is made of, and what is between two hops alone (RFC 9110, 7.6.1).
_OURS = frozenset(
    {
        "accept-encoding", "connection", "content-encoding", "content-length", "content-type",
        "date", "expect", "forwarded", "host", "http2-settings", "keep-alive", "te", "trailer",
        "traceparent", "tracestate", "transfer-encoding", "upgrade", "user-agent", "via",
    }
)  # fmt: skip
_OUR_FAMILIES = ("webhook-", "svix-", "proxy-", "x-forwarded-", "sec-")


@dataclass(frozen=True, slots=True)
class Narrowing:
    """Which workshops and vehicles alone, where it isn't None; and of which version a body is."""

    workshop_ids: tuple[str, ...] | None = None
    vins: tuple[str, ...] | None = None
    payload_version: int = PAYLOAD_VERSIONS[-1]


def header_fault(name: str, value: str) -> str | None:
    """Say what is wrong with a header, by a code: its name, whose it is, or its value."""
    lower = name.lower()
    if _TOKEN.fullmatch(name) is None:
        return "malformed-header"
    if lower in _OURS or lower.startswith(_OUR_FAMILIES):
        return "reserved-header"
    if len(value) > MAX_HEADER_VALUE or _VALUE.fullmatch(value) is None:
        return "malformed-value"
    return None


def repeated(names: Iterable[str]) -> str | None:
    """Find a name that is there twice, however it is written."""
    seen: set[str] = set()
    for name in names:
        if name.lower() in seen:
            return name
        seen.add(name.lower())
    return None
