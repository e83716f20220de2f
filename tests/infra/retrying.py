"""An account of a notifier without the bus, which waits for what becomes of its deliveries."""

from __future__ import annotations

from typing import Any

import httpx

from infra.access import SigningKeys
from infra.happenings import event
from infra.notifying import receive, register
from infra.running import client_of
from infra.waiting import eventually
from shared.ids import new_id
from shared.service import Service


class Account:
    """One partner, its client and its endpoint."""

    def __init__(self, service: Service, keys: SigningKeys) -> None:
        self.partner_id = new_id("par")
        self.service = service
        # Good for as long as any test puts its clock forward.
        token = keys.token("partner", partner_id=self.partner_id, lifetime=30 * 24 * 3600)
        self.headers = {"Authorization": f"Bearer {token}"}
        self.client = client_of(service)

    async def register(self, url: str, *events: str, **more: Any) -> dict[str, Any]:
        return await register(self.client, self.headers, url, *events, **more)

    async def happen(self, event_type: str = "service.updated", **changes: Any) -> str:
        made = event(event_type, partner_id=self.partner_id, **changes)
        await receive(self.service, made)
        return made.id

    async def get(self, path: str) -> Any:
        answer = await self.client.get(path, headers=self.headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def post(self, path: str) -> httpx.Response:
        return await self.client.post(path, headers=self.headers)

    async def tried(self, endpoint: dict[str, Any], number: int = 1) -> dict[str, Any]:
        """Wait until what came of so many attempts is kept; return the newest delivery."""

        async def kept() -> dict[str, Any] | None:
            page = await self.get(f"/v1/webhook-endpoints/{endpoint['id']}/deliveries")
            newest = page["data"][0] if page["data"] else None
            return newest if newest and newest["attempt_count"] >= number else None

        return await eventually(kept) or {}

    async def delivery(self, endpoint: dict[str, Any], wanted: str) -> dict[str, Any]:
        """Wait until the endpoint's newest delivery has this status; return it with attempts."""

        async def there() -> str | None:
            page = await self.get(f"/v1/webhook-endpoints/{endpoint['id']}/deliveries")
            newest = page["data"][0] if page["data"] else None
            return newest["id"] if newest and newest["status"] == wanted else None

        found: dict[str, Any] = await self.get(f"/v1/deliveries/{await eventually(there)}")
        return found
