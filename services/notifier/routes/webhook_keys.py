"""`/v1/webhook-keys`: what receivers of v1a signatures verify them with."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Response

from services.notifier.handlers import webhook_keys as handlers
from services.notifier.schemas.webhook_keys import PublicKeyOut, PublicKeysOut
from shared.database import Database

KEPT = "public, max-age=300"


def build(database: Database) -> APIRouter:
    """Make the route over a database."""
    router = APIRouter(prefix="/v1/webhook-keys", tags=["webhooks"])

    @router.get("/{endpoint_id}")
    async def read_keys(
        endpoint_id: Annotated[str, Path(max_length=64)], response: Response
    ) -> PublicKeysOut:
        """Read the ed25519 keys that an endpoint's deliveries are signed with; no token needed."""
        found = await handlers.of_endpoint(database, endpoint_id)
        response.headers["Cache-Control"] = KEPT
        return PublicKeysOut(keys=[PublicKeyOut.of(each) for each in found])

    return router
