"""The public keys of an endpoint: for anybody who knows its id, as they are no secret."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.notifier.repository import endpoints
from shared.database import Database
from shared.problems import not_found


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A key, and until when it signs; None for the newest."""

    key: bytes
    valid_until: datetime | None


async def of_endpoint(database: Database, endpoint_id: str) -> Sequence[PublicKey]:
    """List the keys that sign now, newest first; raises a 404 Problem where there are none."""
    async with database.reading() as connection:
        found = await endpoints.find(connection, endpoint_id, None)
    if found is None or found.public_key is None:
        raise not_found("webhook key")
    keys = [PublicKey(found.public_key, None)]
    until = found.former_secret_until
    if found.former_public_key is not None and until and database.clock.now() < until:
        keys.append(PublicKey(found.former_public_key, until))
    return keys
