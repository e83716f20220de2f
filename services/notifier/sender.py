"""One HTTP request to a receiver: bounded in time and size, and never to a private address."""

from __future__ import annotations

import asyncio
import socket
import ssl
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from ipaddress import ip_address

import aiohttp
from aiohappyeyeballs import AddrInfoType
from yarl import URL

from services.notifier.addresses import AddressRefused, Network, refuse_unless_public
from services.notifier.domain.delivery import Sent
from services.notifier.resolver import Resolver

ANSWER_BYTES = 20_000
KEEPALIVE_SECONDS = 5


class Sender:
    """A pool of connections, each to an address that was checked as it was opened."""

    def __init__(self, networks: Sequence[Network], timeout: timedelta) -> None:
        self._networks = networks
        self._seconds = timeout.total_seconds()
        self.resolver = Resolver()

    async def start(self) -> None:
        """Open the pool."""
        connector = aiohttp.TCPConnector(
            limit=0,  # the engine bounds what is in flight
            keepalive_timeout=KEEPALIVE_SECONDS,
            use_dns_cache=False,
            resolver=self.resolver,
            socket_factory=self._socket,
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,
            timeout=aiohttp.ClientTimeout(total=None),  # `send` has the one time limit
            headers={"User-Agent": "Roadworthy-Webhooks/1", "Accept-Encoding": "identity"},
        )

    async def stop(self) -> None:
        """Close the pool."""
        await self._session.close()
        await self.resolver.close()

    async def send(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Sent:
        """Send once; whatever goes wrong on the way is part of the answer."""
        started = time.monotonic()
        deadline = asyncio.get_running_loop().time() + self._seconds
        try:
            async with asyncio.timeout_at(deadline):
                response = await self._session.request(
                    method,
                    URL(url, encoded=True),
                    data=body,
                    headers=headers,
                    allow_redirects=False,
                )
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return Sent(None, _milliseconds_since(started), error=_reason(error))
        async with response:
            answer = await _beginning(response, deadline)
        return Sent(
            status=response.status,
            duration_ms=_milliseconds_since(started),
            answer=answer,
            retry_after=response.headers.get("Retry-After"),
        )

    def _socket(self, address: AddrInfoType) -> socket.socket:
        """Open a socket to a checked address: literal or resolved, every connection passes here."""
        family, kind, proto, _, place = address
        host = str(place[0]).partition("%")[0]
        refuse_unless_public(ip_address(host), self._networks)
        return socket.socket(family, kind, proto)


async def _beginning(response: aiohttp.ClientResponse, deadline: float) -> bytes:
    """Read the first part of the body; the status counts even if the rest never comes."""
    kept = bytearray()
    with suppress(TimeoutError, aiohttp.ClientError):
        async with asyncio.timeout_at(deadline):
            while len(kept) < ANSWER_BYTES and (part := await response.content.readany()):
                kept += part
    if not response.content.at_eof():
        response.close()
    return bytes(kept[:ANSWER_BYTES])


def _reason(error: Exception) -> str:
    """Name what went wrong without quoting what the receiver or the network said."""
    cause = getattr(error, "os_error", error)
    match cause:
        case AddressRefused():
            return "address-refused"
        case TimeoutError():
            return "timed-out"
        case aiohttp.ClientConnectorCertificateError() | ssl.SSLError():
            return "tls-failed"
        case socket.gaierror():
            return "name-not-found"
        case aiohttp.InvalidURL():
            return "address-refused"
        case aiohttp.ClientPayloadError() | aiohttp.ClientResponseError():
            return "answer-malformed"
        case ConnectionRefusedError():
            return "connection-refused"
        case _:
            return "connection-failed"


def _milliseconds_since(started: float) -> int:
    return round((time.monotonic() - started) * 1000)
