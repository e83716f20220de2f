"""Commands about endpoints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from services.notifier.domain import endpoint as rules
from services.notifier.domain.endpoint import DisabledReason, Endpoint, EndpointStatus
from services.notifier.domain.narrowing import Narrowing
from services.notifier.domain.patterns import unknown_patterns
from services.notifier.domain.terms import SignatureKind, Terms
from services.notifier.event_types import catalog
from services.notifier.handlers import account_of
from services.notifier.outgoing import published
from services.notifier.repository import deliveries, endpoints
from services.notifier.repository.endpoints import Registered, SealedSecrets
from services.notifier.sealing import SecretBox
from services.notifier.urls import Urls
from shared.auth import Caller
from shared.database import Database, Transaction
from shared.idempotency import Answer, Once
from shared.ids import new_id
from shared.problems import FieldError, Problem, not_found

MAX_ENABLED = 100


@dataclass(frozen=True, slots=True)
class NewEndpoint:
    """Where webhooks shall go, and which."""

    url: str
    events: Sequence[str]
    method: str
    description: str | None
    terms: Terms = field(default_factory=Terms)
    narrowing: Narrowing = field(default_factory=Narrowing)
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Change:
    """What shall change, where it isn't None; the description only if `describes` says so.

    `terms` and `narrowing` have the new ones by name; `headers` are all that there shall be.
    """

    url: str | None = None
    events: Sequence[str] | None = None
    method: str | None = None
    status: EndpointStatus | None = None
    description: str | None = None
    describes: bool = False
    terms: Mapping[str, Any] = field(default_factory=dict)
    narrowing: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class WithSecret:
    """An endpoint and its newest secret, sealed: what is kept of the answer that shows it."""

    registered: Registered
    sealed: bytes


async def register(
    database: Database,
    caller: Caller,
    asked: NewEndpoint,
    urls: Urls,
    box: SecretBox,
    once: Once[WithSecret],
) -> Answer:
    """Register an endpoint; raises a Problem that names what is wrong."""
    check_patterns(asked.events, "/events")
    await urls.check(asked.url, caller.partner_id)
    async with database.transaction() as work:
        if answer := await once.replayed(work):
            return answer
        await _require_room(work, caller.partner_id)
        endpoint = Endpoint(id=new_id("whe"), partner_id=caller.partner_id, url=asked.url)
        secrets = SealedSecrets(secret=box.new(endpoint.id))
        if asked.terms.signature is SignatureKind.V1A:
            secrets = _with_new_key(secrets, endpoint.id, box)
        registered = Registered(
            endpoint=endpoint,
            method=asked.method,
            events=tuple(asked.events),
            description=asked.description,
            terms=asked.terms,
            public_key=secrets.public_key,
            former_public_key=None,
            former_secret_until=None,
            created_at=work.now,
            narrowing=asked.narrowing,
            header_names=tuple(asked.headers),
        )
        await endpoints.add(work.connection, registered, secrets, sees_all=caller.is_operator)
        if asked.headers:
            sealed = box.seal_headers(asked.headers, endpoint.id)
            await endpoints.save_headers(work.connection, endpoint.id, sealed)
        return await once.answer(work, WithSecret(registered, secrets.secret))


async def read(database: Database, caller: Caller, endpoint_id: str) -> Registered:
    """Read one endpoint; raises a 404 Problem for none of the caller's."""
    async with database.reading() as connection:
        found = await endpoints.find(connection, endpoint_id, account_of(caller))
    if found is None:
        raise not_found("webhook endpoint")
    return found


async def page(
    database: Database, caller: Caller, *, before: str | None, limit: int
) -> Sequence[Registered]:
    """Read endpoints of the caller's, newest first."""
    async with database.reading() as connection:
        return await endpoints.page(connection, account_of(caller), before=before, limit=limit)


async def change(
    database: Database,
    caller: Caller,
    endpoint_id: str,
    asked: Change,
    urls: Urls,
    box: SecretBox,
) -> Registered:
    """Change what is given, and nothing else; raises a Problem that names what is wrong."""
    if asked.events is not None:
        check_patterns(asked.events, "/events")
    if asked.url is not None:
        await urls.check(asked.url, caller.partner_id)
    async with database.transaction() as work:
        held = await held_endpoint(work, caller, endpoint_id)
        changed = replace(
            held,
            endpoint=replace(held.endpoint, url=asked.url or held.endpoint.url),
            method=asked.method or held.method,
            events=tuple(asked.events or held.events),
            description=asked.description if asked.describes else held.description,
            terms=replace(held.terms, **asked.terms),
            narrowing=replace(held.narrowing, **asked.narrowing),
        )
        if asked.headers is not None:
            changed = replace(changed, header_names=tuple(asked.headers))
            sealed = box.seal_headers(asked.headers, endpoint_id) if asked.headers else None
            await endpoints.save_headers(work.connection, endpoint_id, sealed)
        if changed.terms.signature is SignatureKind.V1A and held.public_key is None:
            secrets = await endpoints.secrets_of(work.connection, endpoint_id)
            secrets = _with_new_key(secrets, endpoint_id, box)
            await endpoints.save_secrets(work.connection, endpoint_id, secrets)
            changed = replace(changed, public_key=secrets.public_key)
        if asked.status is EndpointStatus.ENABLED:
            if held.endpoint.status is not EndpointStatus.ENABLED:
                await _require_room(work, held.endpoint.partner_id)
            changed = replace(changed, endpoint=rules.enable(changed.endpoint))
        await endpoints.save(work.connection, changed)
        if asked.status is EndpointStatus.DISABLED:
            changed = await _disable(work, changed)
    return changed


async def remove(database: Database, caller: Caller, endpoint_id: str) -> None:
    """Disable an endpoint and cancel what is queued for it; its history stays."""
    async with database.transaction() as work:
        await _disable(work, await held_endpoint(work, caller, endpoint_id))


async def rotate_secret(
    database: Database,
    caller: Caller,
    endpoint_id: str,
    box: SecretBox,
    overlap: timedelta,
    once: Once[WithSecret],
) -> Answer:
    """Draw a new secret, and a new key if there is one; the former sign beside them for a while."""
    async with database.transaction() as work:
        if answer := await once.replayed(work):
            return answer
        held = await held_endpoint(work, caller, endpoint_id)
        former = await endpoints.secrets_of(work.connection, endpoint_id)
        secrets = SealedSecrets(
            secret=box.new(endpoint_id),
            former_secret=former.secret,
            former_secret_until=work.now + overlap,
            former_signing_key=former.signing_key,
            former_public_key=former.public_key,
        )
        if former.signing_key is not None:
            secrets = _with_new_key(secrets, endpoint_id, box)
        await endpoints.save_secrets(work.connection, endpoint_id, secrets)
        renewed = replace(
            held,
            former_secret_until=secrets.former_secret_until,
            public_key=secrets.public_key,
            former_public_key=secrets.former_public_key,
        )
        return await once.answer(work, WithSecret(renewed, secrets.secret))


async def held_endpoint(work: Transaction, caller: Caller, endpoint_id: str) -> Registered:
    """Load one of the caller's endpoints and hold it; raises a 404 Problem for none of theirs."""
    found = await endpoints.find(work.connection, endpoint_id, account_of(caller), lock=True)
    if found is None:
        raise not_found("webhook endpoint")
    return found


def require_enabled(held: Registered) -> None:
    """Raise a 409 Problem for an endpoint that is not sent to."""
    if held.endpoint.status is EndpointStatus.DISABLED:
        detail = "The endpoint is disabled; enable it first: PATCH it with status enabled."
        raise Problem(409, "endpoint-disabled", detail)


async def _require_room(work: Transaction, partner_id: str) -> None:
    if await endpoints.count_enabled(work.connection, partner_id) >= MAX_ENABLED:
        detail = f"An account has {MAX_ENABLED} enabled endpoints at the most."
        raise Problem(409, "too-many-endpoints", detail)


async def _disable(work: Transaction, held: Registered) -> Registered:
    endpoint, happened = rules.disable(held.endpoint, DisabledReason.ASKED, work.now)
    await endpoints.save_health(work.connection, endpoint)
    await deliveries.cancel_queued(work.connection, endpoint.id, work.now)
    work.publish(*map(published, happened))
    return replace(held, endpoint=endpoint)


def _with_new_key(secrets: SealedSecrets, endpoint_id: str, box: SecretBox) -> SealedSecrets:
    signing_key, public_key = box.new_pair(endpoint_id)
    return replace(secrets, signing_key=signing_key, public_key=public_key)


def check_patterns(patterns: Sequence[str], pointer: str) -> None:
    """Raise a Problem that names each pattern, by its place below a pointer, of no type."""
    unknown = unknown_patterns(patterns, catalog())
    if unknown:
        message = "No event type matches this; GET /v1/event-types lists what there is."
        errors = [FieldError(f"{pointer}/{place}", "unknown-event", message) for place in unknown]
        raise Problem(422, "invalid-request", "There are patterns that match nothing.", errors)
