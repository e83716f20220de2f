"""No webhook reaches a private address, however it is spelled or resolved (SSRF)."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from ipaddress import ip_network
from typing import Any
from urllib.parse import urlsplit

import pytest

from infra.receiver import receiving, status
from services.notifier.domain.delivery import Sent
from services.notifier.sender import Sender
from services.notifier.urls import Urls
from shared.problems import Problem

LOOPBACK = ip_network("127.0.0.0/8")
PRIVATE = [
    "127.0.0.1",
    "127.1",
    "2130706433",
    "0x7f000001",
    "0x7f.0.0.1",
    "0177.0.0.1",
    "0.0.0.0",  # noqa: S104 - asked for, not bound
    "10.0.0.1",
    "169.254.169.254",
    "172.16.0.1",
    "192.168.0.1",
    "100.64.0.1",
    "[::]",
    "[::1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[64:ff9b::7f00:1]",
    "[2002:7f00:1::1]",
    "[fe80::1]",
    "[fd00::1]",
    "localhost",
]


@asynccontextmanager
async def opened(*networks: Any, seconds: float = 2.0) -> AsyncIterator[Sender]:
    sender = Sender(networks, timedelta(seconds=seconds))
    await sender.start()
    try:
        yield sender
    finally:
        await sender.stop()


async def post(sender: Sender, url: str) -> Sent:
    return await sender.send("POST", url, {}, b"{}", account="par_1")


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """A name server of the test's own: what each name resolves to, in turn."""
    answers: dict[str, list[str]] = {}
    real = socket.getaddrinfo

    def resolve(host: Any, port: Any, *more: Any, **named: Any) -> Any:
        if host in answers:
            host = answers[host].pop(0) if len(answers[host]) > 1 else answers[host][0]
        return real(host, port, *more, **named)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    return answers


@pytest.mark.parametrize("host", PRIVATE)
async def test_a_private_address_is_never_connected_to(host: str) -> None:
    async with receiving() as receiver, opened() as sender:
        sent = await post(sender, f"http://{host}:{urlsplit(receiver.url).port}/")

    assert (sent.status, sent.error) == (None, "address-refused")
    assert receiver.requests == []


@pytest.mark.parametrize("host", PRIVATE)
async def test_a_private_address_is_refused_at_registration(host: str) -> None:
    async with opened() as sender:
        with pytest.raises(Problem) as refused:
            await Urls((), sender.resolver).check(f"https://{host}/hooks", "par_1")

    [error] = refused.value.errors
    assert (error.pointer, error.code) == ("/url", "address-refused")


async def test_a_name_that_turns_private_after_registration_is_refused_on_the_attempt(
    names: dict[str, list[str]],
) -> None:
    names["hooks.dealer.test"] = ["8.8.8.8", "127.0.0.1"]
    async with receiving() as receiver, opened() as sender:
        await Urls((), sender.resolver).check("https://hooks.dealer.test/", "par_1")
        sent = await post(sender, f"http://hooks.dealer.test:{urlsplit(receiver.url).port}/")

    assert (sent.status, sent.error, receiver.requests) == (None, "address-refused", [])


@pytest.mark.parametrize("address", ["10.0.0.1", "169.254.169.254", "::1", "::ffff:10.0.0.1"])
async def test_a_name_of_a_private_address_is_refused_at_both(
    names: dict[str, list[str]], address: str
) -> None:
    names["hooks.dealer.test"] = [address]
    async with opened() as sender:
        with pytest.raises(Problem):
            await Urls((), sender.resolver).check("https://hooks.dealer.test/", "par_1")
        sent = await post(sender, "http://hooks.dealer.test/")

    assert sent.error == "address-refused"


async def test_each_attempt_asks_again_where_a_name_points(names: dict[str, list[str]]) -> None:
    names["hooks.dealer.test"] = ["127.0.0.1", "10.0.0.1"]
    async with receiving() as receiver, opened(LOOPBACK) as sender:
        receiver.usual = status(200, Connection="close")
        url = f"http://hooks.dealer.test:{urlsplit(receiver.url).port}/"
        first, second = await post(sender, url), await post(sender, url)

    assert (first.status, second.error) == (200, "address-refused")


async def test_a_redirect_to_anywhere_is_not_followed() -> None:
    async with receiving() as receiver, receiving() as other, opened(LOOPBACK) as sender:
        receiver.usual = status(307, Location=other.url)
        assert (await post(sender, receiver.url)).status == 307

    assert other.requests == []


async def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    async with receiving() as proxy, receiving() as receiver, opened(LOOPBACK) as sender:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        assert (await post(sender, receiver.url)).status == 204

    assert proxy.requests == []


async def test_an_endless_answer_is_cut_and_its_status_counts() -> None:
    async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while not writer.is_closing():
            writer.write(b"400\r\n" + b"x" * 1024 + b"\r\n")
            await writer.drain()
            await asyncio.sleep(0.001)

    server = await asyncio.start_server(endless, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with opened(LOOPBACK) as sender:
        sent = await post(sender, f"http://127.0.0.1:{port}/")
    server.close()

    assert (sent.status, len(sent.answer)) == (200, 20_000)


async def test_a_dripping_answer_ends_with_the_time() -> None:
    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        for byte in b"HTTP/1.1 200 OK\r\nX-Never: ending" + b"." * 1000:
            if writer.is_closing():
                return
            writer.write(bytes([byte]))
            await asyncio.sleep(0.02)

    server = await asyncio.start_server(drip, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with opened(LOOPBACK, seconds=0.5) as sender:
        sent = await post(sender, f"http://127.0.0.1:{port}/")
    server.close()

    assert (sent.status, sent.error) == (None, "timed-out")
    assert sent.duration_ms < 1500


@pytest.mark.parametrize(
    ("written", "error"),
    [
        (b"not http at all\r\n\r\n", "answer-malformed"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n", "answer-malformed"),
        (b"HTTP/1.1 200 OK\r\nX-Long: " + b"x" * 100_000 + b"\r\n\r\n", "answer-malformed"),
        (b"", "connection-failed"),
    ],
)
async def test_what_is_no_answer_has_failed_by_name(written: bytes, error: str) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(written)
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with opened(LOOPBACK) as sender:
        sent = await post(sender, f"http://127.0.0.1:{port}/")
    server.close()

    assert (sent.status, sent.error) == (None, error)
