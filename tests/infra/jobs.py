"""An order in a workshop, where more work is found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx

from infra.orders import OrderDesk
from shared.ids import new_id

HOSES = {
    "reason": "The brake hoses are cracked.",
    "items": [
        {
            "service": "brakes",
            "description": "Front brake hoses",
            "quantity": 2,
            "labour": {"amount": 12000, "currency": "AUD"},
            "parts": {"amount": 8000, "currency": "AUD"},
            "tax_rate": "0.10",
        }
    ],
}
TOLD_BY_PHONE = {"way": "phone", "by": "Dana Smith"}


@dataclass
class Job:
    """An order in a workshop, and both sides of it."""

    desk: OrderDesk
    order: dict[str, Any]
    account: str
    garage: str

    async def post(
        self, path: str, body: Any, *, by: str = "workshop", **headers: str
    ) -> httpx.Response:
        access = (
            self.desk.partner(self.account)
            if by == "partner"
            else self.desk.workshop_headers(self.garage)
        )
        url = f"/v1/orders/{self.order['id']}/{path}"
        return await self.desk.client.post(url, json=body, headers=access | headers)

    async def start(self) -> None:
        assert (await self.post("status", {"status": "in-progress"})).status_code == 200

    async def propose(self, body: Any = HOSES) -> dict[str, Any]:
        answer = await self.post("supplements", body)
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json()
        return made

    async def decide(
        self, supplement: dict[str, Any], what: str, body: Any = None, *, by: str = "partner"
    ) -> httpx.Response:
        return await self.post(f"supplements/{supplement['id']}/{what}", body or {}, by=by)

    async def now(self) -> dict[str, Any]:
        return await self.desk.read(self.order["id"])


async def begun(desk: OrderDesk, **changes: Any) -> Job:
    account, garage = new_id("par"), new_id("par")
    order = await desk.ordered(account, **changes)
    made = Job(desk, order, account, garage)
    await made.start()
    return made
