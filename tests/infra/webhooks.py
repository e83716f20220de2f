"""A notifier that sends and replays without the bus, and one account's view of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx

from infra.access import SigningKeys
from infra.happenings import event
from infra.notifying import receive
from infra.running import client_of
from infra.waiting import eventually
from shared.events import Event
from shared.ids import new_id
from shared.service import Service


@asynccontextmanager
async def at_work(service: Service, *parts: str) -> AsyncIterator[Service]:
    """Run these parts of a service, while the block lasts."""
    for name in parts:
        await service.parts[name].start()
    try:
        yield service
    finally:
        for name in parts:
            await service.parts[name].stop()
        await service.engine.dispose()


class Subscriber:
    """One account, with a client of a service."""

    def __init__(self, service: Service, keys: SigningKeys, *scopes: str) -> None:
        self.partner_id = new_id("par")
        self.service = service
        # Good for as long as any test puts its clock forward.
        token = keys.token(
            *(scopes or ("partner",)), partner_id=self.partner_id, lifetime=30 * 24 * 3600
        )
        self.headers = {"Authorization": f"Bearer {token}"}
        self.client: httpx.AsyncClient = client_of(service)

    async def register(self, url: str, *events: str, **more: Any) -> dict[str, Any]:
        body = {"url": url, "events": list(events) or ["*"], **more}
        made: dict[str, Any] = await self.post("/v1/webhook-endpoints", body, 201)
        return made

    async def happen(self, event_type: str = "service.updated", **changes: Any) -> Event:
        made = event(event_type, **{"partner_id": self.partner_id, **changes})
        await receive(self.service, made)
        return made

    async def get(self, path: str, **query: Any) -> Any:
        answer = await self.client.get(path, params=query, headers=self.headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def send(self, method: str, path: str, body: Any = None) -> httpx.Response:
        return await self.client.request(method, path, json=body, headers=self.headers)

    async def post(self, path: str, body: Any = None, status: int = 202) -> Any:
        answer = await self.send("POST", path, body)
        assert answer.status_code == status, answer.text
        return answer.json()

    async def become(self, path: str, **members: Any) -> dict[str, Any]:
        """Read a thing until it has these members."""

        async def so() -> dict[str, Any] | None:
            seen: dict[str, Any] = await self.get(path)
            return seen if members.items() <= seen.items() else None

        return await eventually(so) or {}
