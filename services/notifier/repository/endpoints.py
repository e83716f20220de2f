"""Endpoints: their registration, which the owner changes, and their health, which sending does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

import asyncpg
from sqlalchemy import RowMapping, func, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.notifier.domain.endpoint import DisabledReason, Endpoint, EndpointStatus
from services.notifier.domain.message import Message
from services.notifier.domain.narrowing import Narrowing
from services.notifier.domain.patterns import patterns_matching
from services.notifier.domain.terms import DeliveryMode, SignatureKind, Terms
from services.notifier.tables import endpoints
from shared.statements import Prepared

# Shared, not just read: an endpoint can't be disabled between this and the queueing, and so
# leave a delivery behind that nobody cancels.
WANTING = """
SELECT e.id, e.partner_id, e.xmin::text AS version,
       e.ordered OR e.delivery = 'latest' AS by_subject
FROM endpoints e
WHERE e.status = 'enabled' AND e.events && CAST(:patterns AS text[])
  AND e.created_at <= coalesce(CAST(:registered_by AS timestamptz), 'infinity')
  AND (e.sees_all OR e.partner_id = :partner_id
       OR e.partner_id = (SELECT partner_id FROM workshops WHERE id = :workshop_id))
  AND (e.workshop_ids IS NULL OR :workshop_id = ANY (e.workshop_ids))
  AND (e.vins IS NULL OR :vin = ANY (e.vins))
  AND NOT EXISTS (SELECT FROM partners p WHERE p.id = e.partner_id AND NOT p.active)
ORDER BY e.id
FOR SHARE OF e
"""
_WANTING = Prepared(text(WANTING))
_ENABLED = text("""
SELECT e.id FROM endpoints e WHERE e.id = :endpoint_id AND e.status = 'enabled'
  AND NOT EXISTS (SELECT FROM partners p WHERE p.id = e.partner_id AND NOT p.active)
FOR SHARE OF e
""")
_ALONE = text("""
SELECT pg_advisory_xact_lock(hashtextextended('notifier.endpoints ' || :partner_id, 0))
""")


class Wanting(NamedTuple):
    """An endpoint that an event is for; `version` is how its row stood just now."""

    endpoint_id: str
    partner_id: str
    version: str = ""


_HEALTH = tuple(Endpoint.__slots__)
_TERMS = tuple(Terms.__slots__)
_NARROWING = tuple(Narrowing.__slots__)
_LISTS = ("workshop_ids", "vins")


@dataclass(frozen=True, slots=True)
class Registered:
    """An endpoint as its owner set it up, with its health."""

    endpoint: Endpoint
    method: str
    events: tuple[str, ...]
    description: str | None
    terms: Terms
    public_key: bytes | None
    former_public_key: bytes | None
    former_secret_until: datetime | None
    created_at: datetime
    narrowing: Narrowing = field(default_factory=Narrowing)
    header_names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SealedSecrets:
    """What an endpoint's deliveries are signed with, as it is stored."""

    secret: bytes
    former_secret: bytes | None = None
    former_secret_until: datetime | None = None
    signing_key: bytes | None = None
    public_key: bytes | None = None
    former_signing_key: bytes | None = None
    former_public_key: bytes | None = None


async def add(
    connection: AsyncConnection, registered: Registered, secrets: SealedSecrets, *, sees_all: bool
) -> None:
    """Register an endpoint."""
    await connection.execute(
        insert(endpoints).values(
            **_health(registered.endpoint),
            sees_all=sees_all,
            method=registered.method,
            events=list(registered.events),
            description=registered.description,
            **_terms(registered.terms),
            **_narrowing(registered),
            **_secrets(secrets),
            created_at=registered.created_at,
        )
    )


async def find(
    connection: AsyncConnection, endpoint_id: str, partner_id: str | None, *, lock: bool = False
) -> Registered | None:
    """Find an endpoint of this account (of any, when it is None), and hold it if asked."""
    statement = select(endpoints).where(endpoints.c.id == endpoint_id)
    if partner_id is not None:
        statement = statement.where(endpoints.c.partner_id == partner_id)
    if lock:
        statement = statement.with_for_update(key_share=True)
    row = (await connection.execute(statement)).mappings().one_or_none()
    return None if row is None else _registered(row)


async def page(
    connection: AsyncConnection, partner_id: str | None, *, before: str | None, limit: int
) -> Sequence[Registered]:
    """List an account's endpoints, newest first; all accounts' when it is None."""
    statement = select(endpoints).order_by(endpoints.c.id.desc()).limit(limit)
    if partner_id is not None:
        statement = statement.where(endpoints.c.partner_id == partner_id)
    if before is not None:
        statement = statement.where(endpoints.c.id < before)
    return [_registered(row) for row in (await connection.execute(statement)).mappings()]


async def is_enabled(connection: AsyncConnection, endpoint_id: str) -> bool:
    """Tell whether an endpoint is sent to, and keep it so until the transaction ends."""
    return (await connection.execute(_ENABLED, {"endpoint_id": endpoint_id})).first() is not None


async def count_enabled(connection: AsyncConnection, partner_id: str) -> int:
    """Count an account's enabled endpoints; until the transaction ends nobody else does."""
    await connection.execute(_ALONE, {"partner_id": partner_id})
    statement = select(func.count()).where(
        endpoints.c.partner_id == partner_id, endpoints.c.status == EndpointStatus.ENABLED
    )
    return int(await connection.scalar(statement) or 0)


async def save(connection: AsyncConnection, registered: Registered) -> None:
    """Save what its owner may change, and its health."""
    await _set(
        connection,
        registered.endpoint.id,
        **_health(registered.endpoint),
        method=registered.method,
        events=list(registered.events),
        description=registered.description,
        **_terms(registered.terms),
        **_narrowing(registered),
    )


async def save_health(connection: AsyncConnection, endpoint: Endpoint) -> None:
    """Save what sending found out."""
    await _set(connection, endpoint.id, **_health(endpoint))


async def save_secrets(
    connection: AsyncConnection, endpoint_id: str, secrets: SealedSecrets
) -> None:
    """Save what its deliveries are signed with from now on."""
    await _set(connection, endpoint_id, **_secrets(secrets))


async def save_headers(
    connection: AsyncConnection, endpoint_id: str, headers: bytes | None
) -> None:
    """Save the headers that its deliveries have from now on, sealed."""
    await _set(connection, endpoint_id, headers=headers)


async def secrets_of(connection: AsyncConnection, endpoint_id: str) -> SealedSecrets:
    """Load what an endpoint's deliveries are signed with."""
    columns = [endpoints.c[name] for name in SealedSecrets.__slots__]
    statement = select(*columns).where(endpoints.c.id == endpoint_id)
    return SealedSecrets(*(await connection.execute(statement)).one())


async def wanting(
    connection: AsyncConnection, message: Message, received_at: datetime | None = None
) -> list[Wanting]:
    """List the endpoints that this event is for; of one received before, those that were there.

    Of one that is received now, that is all: a clock that was set back has no say in it.
    """
    rows = await _WANTING.rows(
        connection,
        {
            "patterns": list(patterns_matching(message.type)),
            "partner_id": message.partner_id,
            "workshop_id": message.workshop_id,
            "vin": message.vin,
            "registered_by": received_at,
        },
    )
    return [Wanting(row["id"], row["partner_id"], row["version"]) for row in rows]


async def _set(connection: AsyncConnection, endpoint_id: str, **values: Any) -> None:
    await connection.execute(
        update(endpoints).where(endpoints.c.id == endpoint_id).values(**values)
    )


def terms_from(row: RowMapping | asyncpg.Record) -> Terms:
    """Read the terms in an endpoint's row."""
    return Terms(
        ordered=row["ordered"],
        delivery=DeliveryMode(row["delivery"]),
        rate_per_second=row["rate_per_second"],
        window=row["window"],
        signature=SignatureKind(row["signature"]),
    )


def _health(endpoint: Endpoint) -> dict[str, Any]:
    return {name: getattr(endpoint, name) for name in _HEALTH}


def _terms(terms: Terms) -> dict[str, Any]:
    return {name: getattr(terms, name) for name in _TERMS}


def _narrowing(registered: Registered) -> dict[str, Any]:
    chosen = {name: getattr(registered.narrowing, name) for name in _NARROWING}
    listed = {
        name: list(value) if isinstance(value, tuple) else value for name, value in chosen.items()
    }
    return listed | {"header_names": list(registered.header_names)}


def _secrets(secrets: SealedSecrets) -> dict[str, Any]:
    return {name: getattr(secrets, name) for name in SealedSecrets.__slots__}


def _registered(row: RowMapping) -> Registered:
    reason = row["disabled_reason"]
    health = {name: row[name] for name in _HEALTH} | {
        "status": EndpointStatus(row["status"]),
        "disabled_reason": reason and DisabledReason(reason),
    }
    return Registered(
        endpoint=Endpoint(**health),
        method=row["method"],
        events=tuple(row["events"]),
        description=row["description"],
        terms=terms_from(row),
        public_key=row["public_key"],
        former_public_key=row["former_public_key"],
        former_secret_until=row["former_secret_until"],
        created_at=row["created_at"],
        narrowing=Narrowing(
            payload_version=row["payload_version"],
            **{name: None if row[name] is None else tuple(row[name]) for name in _LISTS},
        ),
        header_names=tuple(row["header_names"]),
    )
