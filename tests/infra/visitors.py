"""A visitor of the booking page whose browser knows forms and links, and nothing else."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from typing import Any

import httpx

from infra.booking import Booking, Headers, Json

DETAILS = {
    "name": "Ada Lovelace",
    "email": "ada@example.com",
    "phone": "0412 345 678",
    "plate": "abc123",
    "country": "AU",
    "vin": "",
    "notes": "Rattles when cold.",
}
_TAG = re.compile(r"<(input|button|a|form|textarea|select)\b([^>]*)>")
_ATTRIBUTE = re.compile(r'([\w-]+)="([^"]*)"')


@dataclass
class Visitor:
    """One visitor; `address` and `text` are what the browser shows now."""

    client: httpx.AsyncClient
    headers: dict[str, str] = field(default_factory=dict)
    address: str = ""
    text: str = ""
    status: int = 0

    async def open(self, url: str) -> Visitor:
        """Open an address, and follow where it leads."""
        return await self._shown(await self.client.get(url, headers=self.headers))

    async def choose(self, workshop_id: str, *service_ids: str, **query: str) -> Visitor:
        """Choose services, and see when they can be had."""
        asked = [("service", each) for each in service_ids] + list(query.items())
        return await self.open(f"/book/{workshop_id}/times?{httpx.QueryParams(asked)}")

    async def send(self, form: dict[str, Any]) -> Visitor:
        """Send the form that is shown, with these values."""
        found = [of for kind, of in self._tags() if kind == "form" and of.get("method") == "post"]
        return await self.post(found[0]["action"], self.hidden | form)

    async def post(self, url: str, form: dict[str, Any]) -> Visitor:
        """Send any form."""
        return await self._shown(await self.client.post(url, data=form, headers=self.headers))

    async def take(self, place: int = 0) -> Visitor:
        """Take one of the times that are shown."""
        return await self.send({"slot": self.slots[place]})

    @property
    def hidden(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for kind, of in self._tags():
            if kind == "input" and of.get("type") == "hidden":
                found.setdefault(of["name"], []).append(of["value"])
        return found

    @property
    def slots(self) -> list[str]:
        return [of["value"] for kind, of in self._tags() if of.get("name") == "slot"]

    def link(self, part: str) -> str:
        """Return the first link whose address has this in it."""
        return next(
            of["href"] for kind, of in self._tags() if kind == "a" and part in of.get("href", "")
        )

    @property
    def later(self) -> str:
        """Return where the next week is."""
        return next(of["href"] for _, of in self._tags() if of.get("rel") == "next")

    def value(self, name: str) -> str:
        """Return what stands in a field."""
        return next(of.get("value", "") for _, of in self._tags() if of.get("name") == name)

    def _tags(self) -> list[tuple[str, dict[str, str]]]:
        return [
            (kind, {name: html.unescape(value) for name, value in _ATTRIBUTE.findall(rest)})
            for kind, rest in _TAG.findall(self.text)
        ]

    async def _shown(self, answer: httpx.Response) -> Visitor:
        while answer.status_code == 303:
            answer = await self.client.get(answer.headers["location"], headers=self.headers)
        self.address, self.status = str(answer.url), answer.status_code
        self.text = answer.text
        assert answer.status_code < 500, answer.text
        return self


async def bookings_of(booking: Booking, headers: Headers, **query: str) -> list[Json]:
    """List an account's bookings."""
    answer = await booking.client.get("/v1/bookings", params=query, headers=headers)
    assert answer.status_code == 200, answer.text
    found: list[Json] = answer.json()["data"]
    return found
