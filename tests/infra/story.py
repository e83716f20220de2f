"""A dealer and a workshop at work: each step is acknowledged or, cut off, done again by its key."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from infra.launcher import Launcher
from infra.waiting import eventually
from shared.ids import new_event_id

EXPECTED = {
    "quote": ["quote.created", "quote.ordered"],
    "order": ["service.created", "service.updated", "service.completed"],
    "booking": ["booking.created", "booking.updated", "booking.completed"],
}
"""The events about each thing, in the order of their sequence, once a story is told to its end."""

STATES = {
    "order": ["pending", "in-progress", "completed"],
    "booking": ["pending", "processing", "done"],
}


class CutOff(Exception):
    """The platform went away before it answered: what was asked may have happened, or not."""


@dataclass
class Story:
    """One story; `made` has the ids that were acknowledged, `states` what was said of them."""

    platform: Launcher
    slot: int
    made: dict[str, str] = field(default_factory=dict)
    states: dict[str, str] = field(default_factory=dict)
    done: int = 0
    _key: str = field(default_factory=new_event_id)
    _tokens: dict[str, str] = field(default_factory=dict)

    async def tell(self) -> None:
        """Go on from the step that wasn't acknowledged yet; raises CutOff."""
        limits = httpx.Timeout(15)
        async with httpx.AsyncClient(base_url=self.platform.origin, timeout=limits) as client:
            steps = self._steps(client)
            while self.done < len(steps):
                await steps[self.done]()
                self.done += 1

    async def holds(self) -> None:
        """Check that everything acknowledged is there, as acknowledged or a step further.

        The step that was cut off may have been taken: its answer was lost, not its effect.
        """
        async with httpx.AsyncClient(base_url=self.platform.origin, timeout=30) as client:
            for kind, thing in self.made.items():
                found = await self._call(client, "partner", "GET", f"/v1/{kind}s/{thing}")
                reached = found["status"]
                if kind in STATES:  # a quote's status follows by event
                    so_far = STATES[kind].index(self.states[kind])
                    assert STATES[kind].index(reached) - so_far in (0, 1), (reached, self.states)

    def _steps(self, client: httpx.AsyncClient) -> list[Callable[[], Awaitable[None]]]:
        return [
            lambda: self._quote(client),
            lambda: self._order(client),
            lambda: self._move(client, "order", "in-progress"),
            lambda: self._move(client, "order", "completed"),
            lambda: self._book(client),
            lambda: self._move(client, "booking", "processing"),
            lambda: self._move(client, "booking", "done"),
        ]

    async def _quote(self, client: httpx.AsyncClient) -> None:
        body = {
            "vehicle": {"vin": "1HGCM82633A004352"},
            "items": [{"service": "detailing"}],
            "contact": {"name": "Dana", "email": "dana@example.com"},
        }
        self._made("quote", await self._post(client, "partner", "/v1/quotes", body))

    async def _order(self, client: httpx.AsyncClient) -> None:
        payment = {"method": "card", "token": "tok_visa"}
        body = {"quote_id": self.made["quote"], "payment": payment}
        order = await self._post(client, "partner", "/v1/orders", body, wait=10)

        async def settled() -> dict[str, Any] | None:
            path = f"/v1/orders/{order['id']}"
            found = await self._call(client, "partner", "GET", path)
            return found if found["status"] != "awaiting-payment" else None

        self._made("order", await eventually(settled))

    async def _book(self, client: httpx.AsyncClient) -> None:
        workshops = await self._call(client, "partner", "GET", "/v1/workshops")
        workshop = workshops["data"][-1]["id"]
        services = await self._call(client, "partner", "GET", f"/v1/workshops/{workshop}/services")
        service = services["data"][0]
        start = datetime.now(UTC).date() + timedelta(2)
        query = f"from={start}&to={start + timedelta(6)}&services={service['id']}"
        path = f"/v1/workshops/{workshop}/availabilities?{query}"
        days = await self._call(client, "partner", "GET", path)
        slots = [slot["start"] for day in days["data"] for slot in day["slots"]]
        body = {
            "workshop_id": workshop,
            "service_category": service["category"],
            "services": [{"catalog_id": service["id"]}],
            "drop_off_at": slots[self.slot % len(slots)],
            "customer": {"name": "Dana", "email": "dana@example.com"},
            "car": {"registration": {"plate": "ABC123", "country": "AU"}},
            "external_reference": self._key,
        }
        self._made("booking", await self._post(client, "partner", "/v1/bookings", body))

    async def _move(self, client: httpx.AsyncClient, kind: str, status: str) -> None:
        path = f"/v1/{kind}s/{self.made[kind]}/status"
        moved = await self._post(client, "workshop", path, {"status": status})
        self.states[kind] = moved["status"]

    def _made(self, kind: str, thing: dict[str, Any]) -> None:
        self.made[kind] = thing["id"]
        self.states[kind] = thing["status"]

    async def _post(
        self, client: httpx.AsyncClient, role: str, path: str, body: Any, *, wait: int = 10
    ) -> dict[str, Any]:
        headers = {"Idempotency-Key": f"{self._key}-{self.done}", "Prefer": f"wait={wait}"}
        return await self._call(client, role, "POST", path, json=body, headers=headers)

    async def _call(
        self, client: httpx.AsyncClient, role: str, method: str, path: str, **parts: Any
    ) -> dict[str, Any]:
        try:
            token = await self._token(client, role)
            headers = {"Authorization": f"Bearer {token}"} | parts.pop("headers", {})
            answer = await client.request(method, path, headers=headers, **parts)
        except httpx.TransportError as error:
            raise CutOff(repr(error)) from error
        assert answer.status_code in (200, 201, 202), f"{method} {path}: {answer.text}"
        found: dict[str, Any] = answer.json()
        return found

    async def _token(self, client: httpx.AsyncClient, role: str) -> str:
        if role not in self._tokens:
            form = {"grant_type": "client_credentials"} | self.platform.login(role)
            answer = await client.post("/v1/auth/token", data=form)
            assert answer.status_code == 200, answer.text
            self._tokens[role] = answer.json()["access_token"]
        return self._tokens[role]
