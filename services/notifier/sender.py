"""Requests to receivers: bounded in time and size, and never to a private address.

A connection is opened to an address, not to a name: the one that was looked up and checked a moment
before (decision 23). Redirects aren't followed, and proxies of the environment not even read.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from urllib.parse import urlsplit

import aiohappyeyeballs

from services.notifier.addresses import Address, AddressRefused, Network, refuse_unless_public
from services.notifier.connection import Answer, AnswerMalformed, Connection, ConnectionLost
from services.notifier.domain.delivery import Sent
from services.notifier.resolver import Resolver

KEEPALIVE_SECONDS = 5.0
MOST_IDLE = 256
"""Fewer than are in flight at once would close connections that are needed again at once."""

USER_AGENT = "Roadworthy-Webhooks/1"


@dataclass(frozen=True, slots=True)
class Target:
    """What a URL says: where to connect to, and what to ask for there."""

    tls: bool
    host: str
    port: int
    path: str
    host_header: str


@lru_cache(maxsize=4096)
def target_of(url: str) -> Target:
    """Read a URL as `Urls` does when it is registered; raises ValueError."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("not a URL")
    tls = parts.scheme == "https"
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    port = parts.port if parts.port is not None else (443 if tls else 80)
    return Target(tls, parts.hostname, port, path, parts.netloc.rpartition("@")[2])


class Sender:
    """Keeps connections open for a few seconds, each to an address that was checked."""

    def __init__(
        self, networks: Sequence[Network], timeout: timedelta, most_idle: int = MOST_IDLE
    ) -> None:
        self._networks = networks
        self._most_idle = most_idle
        self._seconds = timeout.total_seconds()
        self._idle: dict[tuple[bool, str, int], list[Connection]] = {}
        self._idle_count = 0
        self._closing: asyncio.TimerHandle | None = None
        self.resolver = Resolver()

    async def start(self) -> None:
        """Begin; the first connections are opened when they are needed."""
        self._tls = ssl.create_default_context()
        self._close_idle()

    async def stop(self) -> None:
        """Close what is open."""
        if self._closing is not None:
            self._closing.cancel()
        self._close_idle_before(float("inf"))
        self.resolver.close()

    async def send(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes, *, account: str
    ) -> Sent:
        """Send once for an account; whatever goes wrong on the way is part of the answer."""
        started = time.monotonic()
        deadline = asyncio.get_running_loop().time() + self._seconds
        try:
            target = target_of(url)
            request = _request(method, target, headers, body)
            answer = await self._answered(target, request, deadline, account)
        except (OSError, ValueError) as error:
            return Sent(None, _milliseconds_since(started), error=_reason(error))
        return Sent(
            status=answer.status,
            duration_ms=_milliseconds_since(started),
            answer=bytes(answer.body),
            retry_after=answer.retry_after,
        )

    async def _answered(
        self, target: Target, request: bytes, deadline: float, account: str
    ) -> Answer:
        if (kept := self._kept(target)) is not None:
            try:
                return await self._exchange(target, kept, request, deadline)
            except ConnectionLost as lost:
                # Closed from the other side just as we wrote: nobody has read it.
                if not lost.untouched:
                    raise
        async with asyncio.timeout_at(deadline):
            opened = await self._open(target, account)
        return await self._exchange(target, opened, request, deadline)

    async def _exchange(
        self, target: Target, connection: Connection, request: bytes, deadline: float
    ) -> Answer:
        answer = await connection.exchange(request, deadline)
        if connection.reusable and self._idle_count < self._most_idle:
            connection.idle_since = time.monotonic()
            place = target.tls, target.host, target.port
            self._idle.setdefault(place, []).append(connection)
            self._idle_count += 1
        else:
            connection.close()
        return answer

    async def _open(self, target: Target, account: str) -> Connection:
        """Look the name up, check what it says, and connect to just that."""
        found = await self.resolver.resolve(target.host, account)
        places = [_place(address, target.port) for address in found if self._may_go_to(address)]
        if not places:
            raise AddressRefused("no address of it is public")
        connected = await aiohappyeyeballs.start_connection(places, happy_eyeballs_delay=0.25)
        try:
            connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            _, connection = await asyncio.get_running_loop().create_connection(
                Connection,
                sock=connected,
                ssl=self._tls if target.tls else None,
                server_hostname=target.host.rstrip(".") if target.tls else None,
            )
        except BaseException:
            connected.close()
            raise
        return connection

    def _may_go_to(self, address: Address) -> bool:
        try:
            refuse_unless_public(address, self._networks)
        except AddressRefused:
            return False
        return True

    def _kept(self, target: Target) -> Connection | None:
        """Take the connection that was used last, if there is one to this very place."""
        idle = self._idle.get((target.tls, target.host, target.port))
        oldest = time.monotonic() - KEEPALIVE_SECONDS
        while idle:
            connection = idle.pop()
            self._idle_count -= 1
            if connection.reusable and connection.idle_since >= oldest:
                return connection
            connection.close()
        return None

    def _close_idle(self) -> None:
        self._close_idle_before(time.monotonic() - KEEPALIVE_SECONDS)
        loop = asyncio.get_running_loop()
        self._closing = loop.call_later(KEEPALIVE_SECONDS, self._close_idle)

    def _close_idle_before(self, moment: float) -> None:
        for place, idle in list(self._idle.items()):
            fresh = [each for each in idle if each.reusable and each.idle_since >= moment]
            for connection in set(idle) - set(fresh):
                connection.close()
            self._idle_count -= len(idle) - len(fresh)
            if fresh:
                self._idle[place] = fresh
            else:
                del self._idle[place]


def _request(method: str, target: Target, headers: Mapping[str, str], body: bytes) -> bytes:
    named = "".join([f"{name}: {value}\r\n" for name, value in headers.items()])
    return (
        f"{method} {target.path} HTTP/1.1\r\nhost: {target.host_header}\r\n"
        f"user-agent: {USER_AGENT}\r\naccept: */*\r\naccept-encoding: identity\r\n"
        f"{named}content-length: {len(body)}\r\n\r\n"
    ).encode("latin-1") + body


def _place(address: Address, port: int) -> aiohappyeyeballs.AddrInfoType:
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    where = (str(address), port) if address.version == 4 else (str(address), port, 0, 0)
    return (family, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", where)


def _reason(error: Exception) -> str:
    """Name what went wrong without quoting what the receiver or the network said."""
    match error:
        case AddressRefused():
            return "address-refused"
        case TimeoutError():
            return "timed-out"
        case ssl.SSLError():
            return "tls-failed"
        case socket.gaierror() | UnicodeError():
            return "name-not-found"
        case AnswerMalformed():
            return "answer-malformed"
        case ConnectionRefusedError():
            return "connection-refused"
        case ValueError():
            return "url-malformed"
        case _:
            return "connection-failed"


def _milliseconds_since(started: float) -> int:
    return round((time.monotonic() - started) * 1000)
