"""What comes back on a connection answers what was sent on it, and comes from whom it went to."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from services.notifier.domain.delivery import Sent
from services.notifier.sender import Sender

LOOPBACK = ip_network("127.0.0.0/8")
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
NAME = "hooks.dealer.test"


class Answering:
    """A receiver that writes the same bytes to each request, and counts connections.

    It may do so `early`: when it has read the head, and nothing of the body.
    """

    def __init__(self, written: bytes, *, early: bool = False) -> None:
        self.written = written
        self.early = early
        self.connections = 0
        self.port = 0

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                if self.early:
                    writer.write(self.written)
                await reader.readexactly(int(head.rpartition(b"content-length: ")[2]))
                if not self.early:
                    writer.write(self.written)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()


@asynccontextmanager
async def answering(
    written: bytes, tls: ssl.SSLContext | None = None, *, early: bool = False
) -> AsyncIterator[Answering]:
    receiver = Answering(written, early=early)
    server = await asyncio.start_server(receiver, "127.0.0.1", 0, ssl=tls)
    receiver.port = server.sockets[0].getsockname()[1]
    yield receiver
    server.close()


async def sent_to(url: str, times: int = 1, body: bytes = b"{}") -> Sequence[Sent]:
    sender = Sender([LOOPBACK], timedelta(seconds=2))
    await sender.start()
    try:
        send = partial(sender.send, "POST", url, {}, body, account="par_1")
        return [await send() for _ in range(times)]
    finally:
        await sender.stop()


async def test_a_connection_is_used_again_after_an_answer_of_the_said_length() -> None:
    async with answering(OK) as receiver:
        sent = await sent_to(f"http://127.0.0.1:{receiver.port}/", times=2)

    assert [(each.status, each.answer) for each in sent] == [(200, b"ok")] * 2
    assert receiver.connections == 1


async def test_a_request_on_a_connection_that_was_kept_has_all_of_its_time() -> None:
    sender = Sender([LOOPBACK], timedelta(seconds=1.5))
    await sender.start()
    async with answering(OK) as receiver:
        url = f"http://127.0.0.1:{receiver.port}/"
        first = await sender.send("POST", url, {}, b"{}", account="par_1")
        await asyncio.sleep(0.7)  # the connection has to have aged: nothing else happens meanwhile
        receiver.written = b""
        second = await sender.send("POST", url, {}, b"{}", account="par_1")
    await sender.stop()

    assert (first.status, second.status, second.error) == (200, None, "timed-out")
    assert second.duration_ms >= 1400
    assert receiver.connections == 1


@pytest.mark.parametrize(
    "more",
    [
        b"HTTP/1.1 500 No\r\nRetry-After: 9\r\nContent-Length: 3\r\n\r\nbad",
        b"HTTP/1.1 5",
        b"garbage",
    ],
)
async def test_what_comes_after_an_answer_is_no_answer_to_anything(more: bytes) -> None:
    async with answering(OK + more) as receiver:
        sent = await sent_to(f"http://127.0.0.1:{receiver.port}/", times=2)

    assert [(each.status, each.answer, each.retry_after) for each in sent] == [
        (200, b"ok", None)
    ] * 2
    assert receiver.connections == 2


async def test_a_body_where_there_can_be_none_ends_the_connection() -> None:
    async with answering(b"HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nhello") as receiver:
        sent = await sent_to(f"http://127.0.0.1:{receiver.port}/", times=2)

    assert [each.status for each in sent] == [204, 204]
    assert receiver.connections == 2


async def test_a_connection_is_not_used_again_while_a_request_is_being_written_to_it() -> None:
    more_than_sockets_hold = bytes(32_000_000)
    async with answering(OK, early=True) as receiver:
        url = f"http://127.0.0.1:{receiver.port}/"
        sent = await sent_to(url, times=2, body=more_than_sockets_hold)

    assert [(each.status, each.answer) for each in sent] == [(200, b"ok")] * 2
    assert receiver.connections == 2


async def test_an_interim_answer_says_nothing_of_the_final_one() -> None:
    early = b"HTTP/1.1 103 Early Hints\r\nRetry-After: 77\r\n\r\n"
    async with answering(early + OK) as receiver:
        [sent] = await sent_to(f"http://127.0.0.1:{receiver.port}/")

    assert (sent.status, sent.retry_after) == (200, None)


@pytest.fixture
def resolved(monkeypatch: pytest.MonkeyPatch) -> None:
    real = socket.getaddrinfo

    def resolve(host: Any, *more: Any, **named: Any) -> Any:
        return real(
            "127.0.0.1" if str(host).rstrip(".").endswith(".dealer.test") else host, *more, **named
        )

    monkeypatch.setattr(socket, "getaddrinfo", resolve)


def certified(folder: Path, name: str) -> tuple[ssl.SSLContext, Path]:
    """Make a server's certificate that vouches for itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    written, secret = folder / "certificate.pem", folder / "key.pem"
    written.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(written, secret)
    return server, written


@pytest.mark.usefixtures("resolved")
@pytest.mark.parametrize(
    ("asked", "is_trusted", "came"),
    [
        (NAME, True, (200, None)),
        (f"{NAME}.", True, (200, None)),
        (NAME, False, (None, "tls-failed")),
        ("other.dealer.test", True, (None, "tls-failed")),
        ("127.0.0.1", True, (None, "tls-failed")),
    ],
)
async def test_a_receiver_has_to_prove_that_it_is_who_the_url_names(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    asked: str,
    is_trusted: bool,
    came: tuple[int | None, str | None],
) -> None:
    server, certificate = certified(tmp_path, NAME)
    if is_trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    async with answering(OK, server) as receiver:
        [sent] = await sent_to(f"https://{asked}:{receiver.port}/")

    assert (sent.status, sent.error) == came
