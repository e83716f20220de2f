"""Webhooks handed on to a program on this machine, as `roadworthy listen --forward-to` does."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

import aiohttp

from roadworthy.embedded.errors import PartError

ANSWER_SECONDS = 14.0
"""A second less than the platform waits for its own answer."""

NOBODY = 502
TOO_SLOW = 504

_KEPT = ("content-type", "user-agent")


@dataclass(frozen=True, slots=True)
class Forwarded:
    """What a program answered to a webhook, after how many milliseconds."""

    status: int
    milliseconds: int
    error: str | None = None


@dataclass
class Forwarding:
    """Hands each webhook on, to the byte."""

    url: str
    session: aiohttp.ClientSession

    async def __call__(self, method: str, headers: Mapping[str, str], body: bytes) -> Forwarded:
        """Hand one on, and return what was answered; 502 where nobody is, 504 when it hangs."""
        lower = {name.lower(): value for name, value in headers.items()}
        kept = {
            name: value
            for name, value in lower.items()
            if name in _KEPT or name.startswith("webhook-")
        }
        began = time.monotonic()
        status, error = NOBODY, None
        try:
            async with self.session.request(
                method, self.url, data=body, headers=kept, allow_redirects=False
            ) as answer:
                status = answer.status
        except TimeoutError:
            status, error = TOO_SLOW, f"no answer in {ANSWER_SECONDS:.0f} s"
        except aiohttp.ClientError as refused:
            error = type(refused).__name__
        took = round((time.monotonic() - began) * 1000)
        return Forwarded(status, took, error)


def session() -> aiohttp.ClientSession:
    """Open what webhooks are handed on by."""
    return aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=ANSWER_SECONDS))


def local(url: str) -> str:
    """Return an address on this machine; raises PartError for any other."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
        here = host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        here = False
    if not here or parts.scheme not in ("http", "https"):
        raise PartError("--forward-to takes an address on this machine: http://localhost:3000/hook")
    return url
