"""A client of the platform's own HTTP API, for the commands that show it at work."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from roadworthy.embedded.errors import PartError
from roadworthy.status import read_up

CREDENTIALS = "credentials.json"
ANSWER_SECONDS = 20


@dataclass
class Client:
    """One API client: asks for a token at its first call, and speaks for its account."""

    session: aiohttp.ClientSession
    client_id: str
    client_secret: str
    _token: str | None = None

    async def get(self, path: str, **query: str) -> Any:
        """Read; raises PartError with the problem's own words for anything but success."""
        return await self._call("GET", path, params=query)

    async def post(self, path: str, body: dict[str, Any]) -> Any:
        """Write; raises PartError with the problem's own words for anything but success."""
        return await self._call("POST", path, json=body)

    async def delete(self, path: str) -> None:
        """Remove; raises PartError with the problem's own words for anything but success."""
        await self._call("DELETE", path)

    async def _call(self, method: str, path: str, **parts: Any) -> Any:
        headers = {"Authorization": f"Bearer {await self.token()}"}
        try:
            async with self.session.request(method, path, headers=headers, **parts) as answer:
                body = await answer.read()
                if answer.status >= 400:
                    raise PartError(f"{method} {path} answered {answer.status}: {_why(body)}")
                return json.loads(body) if body else None
        except (aiohttp.ClientError, TimeoutError) as error:
            raise PartError(f"{method} {path} wasn't answered: {error!r}") from error

    async def token(self) -> str:
        """Return its access token; raises PartError."""
        if self._token is None:
            self._token = await self._ask_for_token()
        return self._token

    async def _ask_for_token(self) -> str:
        form = {
            "grant_type": "client_credentials",
            "client_id": self.client_id,
            "client_secret": self.client_secret,
        }
        try:
            async with self.session.post("/v1/auth/token", data=form) as answer:
                body = await answer.json(content_type=None)
                if answer.status != 200:
                    raise PartError(f"No token: {body.get('detail', body)}")
                return str(body["access_token"])
        except aiohttp.ClientConnectorError as error:
            raise PartError("Nobody answers; is the platform running? roadworthy up") from error
        except (aiohttp.ClientError, TimeoutError) as error:
            raise PartError(f"POST /v1/auth/token wasn't answered: {error!r}") from error


def _why(body: bytes) -> str:
    try:
        problem = json.loads(body)
        wrong = [f"{each['pointer']}: {each['message']}" for each in problem.get("errors", ())]
        return "; ".join(wrong) or str(problem["detail"])
    except (ValueError, KeyError, TypeError, AttributeError):
        return body.decode(errors="replace")


@asynccontextmanager
async def clients(data: Path) -> AsyncIterator[dict[str, Client]]:
    """Yield the clients that the platform on this folder made for its user, by role."""
    addresses = read_up(data)
    credentials = data / CREDENTIALS
    if addresses is None or not credentials.exists():
        raise PartError(f"No platform was ever started on {data}: roadworthy up")
    timeout = aiohttp.ClientTimeout(total=ANSWER_SECONDS)
    async with aiohttp.ClientSession(addresses.http, timeout=timeout) as session:
        made = json.loads(credentials.read_text())
        yield {
            role: Client(session, login["client_id"], login["client_secret"])
            for role, login in made.items()
        }
