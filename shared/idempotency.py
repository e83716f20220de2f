"""`Idempotency-Key`: the answer is kept in the write's own transaction, and given again.

Source: draft-ietf-httpapi-idempotency-key-header. A refusal (4xx) wrote nothing and is not kept, so
the same key may be used again once its cause is mended.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Depends, Header, Request
from fastapi.responses import Response
from sqlalchemy import (
    JSON,
    LargeBinary,
    SmallInteger,
    Text,
    bindparam,
    column,
    insert,
    table,
    text,
)
from sqlalchemy.types import TypeEngine

from shared.auth import Caller
from shared.database import Transaction
from shared.problems import key_in_use, key_reused
from shared.statements import Prepared

KEEP_HOURS = 72
RESULT = TypeVar("RESULT")

_ALONE = Prepared(
    text("SELECT pg_try_advisory_xact_lock(hashtextextended(:owner || ' ' || :key, 7)) AS alone")
)
_KEPT = Prepared(
    text("""
SELECT fingerprint, status, headers, body FROM idempotency_keys
WHERE owner = :owner AND key = :key
""")
)
_KINDS: dict[str, TypeEngine[Any]] = {
    "owner": Text(),
    "key": Text(),
    "fingerprint": LargeBinary(),
    "status": SmallInteger(),
    "headers": JSON(),
    "body": LargeBinary(),
}
_KEEP = insert(table("idempotency_keys", *map(column, _KINDS))).values(
    {name: bindparam(f"key_{name}", type_=kind) for name, kind in _KINDS.items()}
)


@dataclass(frozen=True, slots=True)
class Answer:
    """A finished answer; what a caller that repeats the request gets again, to the byte."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def is_replay(self) -> bool:
        """Tell whether this was given before."""
        return "Idempotent-Replayed" in self.headers

    def response(self) -> Response:
        """Render it for the caller."""
        return Response(self.body, self.status, self.headers, media_type="application/json")


@dataclass(frozen=True, slots=True)
class Once(Generic[RESULT]):
    """Makes a command's effect and its answer one, for the request that carries a key.

    `present` renders the result: it is called inside the transaction, and does no IO.
    """

    owner: str
    key: str | None
    fingerprint: bytes
    present: Callable[[RESULT], Answer]

    async def replayed(self, work: Transaction) -> Answer | None:
        """Return the answer that was given before, if any; first of all in the transaction.

        Raises a Problem: 409 while the first request still runs, 422 for the key of another body.
        """
        if self.key is None:
            return None
        named = {"owner": self.owner, "key": self.key}
        # Where no transaction is begun, the key's row itself refuses whoever comes second.
        if work.begun and not (await _ALONE.rows(work.connection, named))[0]["alone"]:
            raise key_in_use()
        # A statement of its own: its snapshot must be taken after the lock.
        kept = await _KEPT.rows(work.connection, named)
        if not kept:
            return None
        fingerprint, status, headers, body = kept[0]
        if fingerprint != self.fingerprint:
            raise key_reused()
        return Answer(status, body, {**headers, "Idempotent-Replayed": "true"})

    async def answer(self, work: Transaction, result: RESULT) -> Answer:
        """Render the result and keep it; last of all in the transaction."""
        answer = self.present(result)
        if self.key is not None:
            kept = {
                "key_owner": self.owner,
                "key_key": self.key,
                "key_fingerprint": self.fingerprint,
                "key_status": answer.status,
                "key_headers": answer.headers,
                "key_body": answer.body,
            }
            work.add(_KEEP, values=kept)
        return answer


@dataclass(frozen=True, slots=True)
class RequestKey:
    """The request's `Idempotency-Key`, if it has one, and what the request was."""

    key: str | None
    fingerprint: bytes

    def once(self, caller: Caller, present: Callable[[RESULT], Answer]) -> Once[RESULT]:
        """Tie the key to its caller, and say how a result becomes the answer."""
        return Once(caller.partner_id, self.key, self.fingerprint, present)


IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        pattern=r"^[\x21-\x7e]+$",
        description="The same key and body give the same answer, for 72 hours.",
    ),
]
"""For a route that reads its body bit by bit, and makes its `RequestKey` at the end."""


async def _request_key(request: Request, idempotency_key: IdempotencyKey = None) -> RequestKey:
    if idempotency_key is None:
        return RequestKey(None, b"")
    asked = f"{request.method} {request.url.path}"
    if request.url.query:
        asked += f"?{request.url.query}"
    seen = hashlib.sha256(f"{asked}\n".encode())
    seen.update(await request.body())
    return RequestKey(idempotency_key, seen.digest())


Idempotency = Annotated[RequestKey, Depends(_request_key)]
