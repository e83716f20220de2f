"""Erasing a person: what of an event stays, and the proof of what went."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

ERASED = {"erased": True}

SCRYPT_N, SCRYPT_R = 2**14, 8
"""What one guess costs: some 0.05 s of CPU and 16 MB."""


class ErasureStatus(StrEnum):
    """Where an erasure stands."""

    RUNNING = "running"
    FINISHED = "finished"


@dataclass(frozen=True, slots=True)
class Erased:
    """How many rows something personal was taken out of."""

    messages: int = 0
    deliveries: int = 0
    attempts: int = 0
    emails: int = 0
    texts: int = 0
    replays: int = 0
    parked: int = 0

    def plus(self, other: Erased) -> Erased:
        """Add up."""
        return Erased(*(getattr(self, name) + getattr(other, name) for name in self.__slots__))


@dataclass(frozen=True, slots=True)
class Erasure:
    """Of everything that names one of `keys`, which are forgotten once it has finished.

    It goes through every event again until a pass finds nothing more; `found` counts what this
    one did. `digest` is a chain of SHA-256 over each erased event's id and its data as it was:
    whoever has the data elsewhere can show that it is what was erased, and nobody can read it out.
    """

    id: str
    keys: tuple[str, ...]
    keys_hash: str
    requested_by: str
    status: ErasureStatus
    passes: int
    found: int
    position: int
    digest: str
    erased: Erased
    created_at: datetime
    finished_at: datetime | None = None


def names_one(data: Any, keys: Sequence[str]) -> bool:
    """Tell whether any text in this has one of these keys as a whole.

    Not `jo@a.dev` in `bo.jo@a.dev`. What JSON escapes has to be read before: of a line's end and
    `jo@a.dev` it makes `\\njo@a.dev`.
    """
    match data:
        case str():
            return any(
                re.search(rf"(?<![\w.+%-]){re.escape(key)}(?![\w-]|\.\w)", data, re.IGNORECASE)
                for key in keys
            )
        case Mapping():
            return any(names_one(part, keys) for pair in data.items() for part in pair)
        case list():
            return any(names_one(part, keys) for part in data)
    return False


def hashed(keys: tuple[str, ...], erasure_id: str) -> str:
    """Name whom it was about without saying it: scrypt of the sorted keys, salted by the erasure.

    Whoever knows the keys can show that it was about them. A plain hash of a phone number is as
    good as the number: there are few enough to try them all.
    """
    written = "\n".join(sorted(keys)).encode()
    return hashlib.scrypt(
        written, salt=erasure_id.encode(), n=SCRYPT_N, r=SCRYPT_R, p=1, dklen=32
    ).hex()


def chained(digest: str, event_id: str, data: str) -> str:
    """Add an event to the digest."""
    one = hashlib.sha256(data.encode()).hexdigest()
    return hashlib.sha256(f"{digest}\n{event_id} {one}".encode()).hexdigest()


def what_stays(data: Mapping[str, Any]) -> dict[str, Any]:
    """Keep what leads to no person: the ids at the top (not the customer's), status, total."""
    kept = {
        name: value
        for name, value in data.items()
        if name in ("id", "status", "version", "total", "currency")
        or (name.endswith("_id") and name != "customer_id")
    }
    return kept | ERASED


def passed(erasure: Erasure, now: datetime) -> Erasure:
    """End a pass: the last is the one that found nothing, and then the keys are forgotten."""
    through = replace(erasure, passes=erasure.passes + 1, found=0, position=0)
    if erasure.found:
        return through
    return replace(through, status=ErasureStatus.FINISHED, keys=(), finished_at=now)
