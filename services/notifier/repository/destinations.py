"""Endpoints as sending needs them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.notifier.domain.terms import Terms
from services.notifier.repository.endpoints import SealedSecrets, terms_from
from shared.statements import Prepared

# Whatever changes an endpoint changes this, so that what is known of it is known to be fresh.
_LOAD = Prepared(
    text("""
SELECT id, xmin::text AS version, url, method, headers, payload_version, failing_since,
       ordered, delivery, rate_per_second, "window", signature,
       secret, former_secret, former_secret_until,
       signing_key, public_key, former_signing_key, former_public_key
FROM endpoints WHERE id = ANY (:endpoint_ids) AND status = 'enabled'
""")
)


@dataclass(frozen=True, slots=True)
class Destination:
    """Where an endpoint's deliveries go, and how; `version` changes whenever it does.

    `headers` are its owner's, sealed.
    """

    endpoint_id: str
    version: str
    url: str
    method: str
    terms: Terms
    secrets: SealedSecrets
    headers: bytes | None
    payload_version: int
    failing: bool


async def load(
    connection: AsyncConnection, endpoint_ids: Collection[str]
) -> dict[str, Destination]:
    """Load those of these endpoints that are enabled."""
    rows = await _LOAD.rows(connection, {"endpoint_ids": list(endpoint_ids)})
    return {
        row["id"]: Destination(
            endpoint_id=row["id"],
            version=row["version"],
            url=row["url"],
            method=row["method"],
            terms=terms_from(row),
            secrets=SealedSecrets(**{name: row[name] for name in SealedSecrets.__slots__}),
            headers=row["headers"],
            payload_version=row["payload_version"],
            failing=row["failing_since"] is not None,
        )
        for row in rows
    }
