"""A mail server that delivers to nobody: it keeps every mail, to be looked at."""

from __future__ import annotations

import asyncio
import mailbox
import smtplib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from types import TracebackType
from typing import Any

import structlog
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Mailbox

from roadworthy.embedded import ports
from roadworthy.embedded.data import private_folder

ANSWER_SECONDS = 2.0
MAX_MAIL_BYTES = 10_000_000

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Mail:
    """One mail as it came; `recipients` are those of the envelope, blind copies included."""

    id: str
    received_at: datetime
    sender: str
    recipients: tuple[str, ...]
    subject: str
    headers: tuple[tuple[str, str], ...]
    text: str
    html: str
    attachments: tuple[str, ...]


class _Keeping(Mailbox):
    """Keeps mails; one that can't be kept now is refused for now alone (RFC 5321, 4.2.2)."""

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        """Take a mail."""
        try:
            answer: str = await super().handle_DATA(server, session, envelope)
        except OSError as error:
            log.warning("mail.not_kept", error=repr(error))
            return "452 4.3.1 Insufficient system storage"
        return answer


class Inbox:
    """An SMTP server on loopback, its mails a Maildir that outlives it."""

    def __init__(self, folder: Path) -> None:
        self.folder = private_folder(folder.absolute())
        self.maildir = self.folder / "maildir"
        self.host = ports.LOOPBACK
        self.port = 0
        self._server: Controller | None = None

    @property
    def address(self) -> str:
        """Host and port, as `host:port`."""
        return f"{self.host}:{self.port}"

    async def start(self) -> None:
        """Listen, on the former port if it is free."""
        self.port = ports.choose(self.folder / "port")
        self._server = Controller(
            _Keeping(self.maildir),
            hostname=self.host,
            port=self.port,
            data_size_limit=MAX_MAIL_BYTES,
            enable_SMTPUTF8=True,
        )
        await asyncio.to_thread(self._server.start)
        ports.remember(self.folder / "port", self.port)

    async def stop(self) -> None:
        """Stop listening; the mails stay."""
        server, self._server = self._server, None
        if server is not None:
            await asyncio.to_thread(server.stop)

    async def health(self) -> bool:
        """Tell whether the server greets."""
        return self._server is not None and await asyncio.to_thread(self._greets)

    def mails(self, limit: int = 100) -> list[Mail]:
        """Return the newest mails, newest first."""
        box = mailbox.Maildir(self.maildir)
        newest = sorted(box.keys(), key=_received, reverse=True)[:limit]
        return [_mail(key, box.get_bytes(key)) for key in newest]

    def mail(self, mail_id: str) -> Mail | None:
        """Return one mail, or None if there is none of this id."""
        try:
            return _mail(mail_id, mailbox.Maildir(self.maildir).get_bytes(mail_id))
        except KeyError:
            return None

    async def __aenter__(self) -> Inbox:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.stop()

    def _greets(self) -> bool:
        try:
            with smtplib.SMTP(self.host, self.port, timeout=ANSWER_SECONDS) as client:
                return client.noop()[0] == 250
        except (OSError, smtplib.SMTPException):
            return False


def _received(key: str) -> tuple[float, int]:
    """Read when a mail came from its key: `seconds.MmicrosecondsPpidQcount.host`."""
    seconds, rest = key.split(".", 2)[:2]
    micros, count = rest[1:].split("P")[0], rest.split("Q")[-1]
    return int(seconds) + int(micros) / 1e6, int(count)


def _mail(key: str, raw: bytes) -> Mail:
    message = message_from_bytes(raw, policy=policy.default)
    return Mail(
        id=key,
        received_at=datetime.fromtimestamp(_received(key)[0], UTC),
        sender=str(message["From"] or message["X-MailFrom"] or ""),
        recipients=tuple(str(message["X-RcptTo"] or "").split(", ")),
        subject=str(message["Subject"] or ""),
        headers=tuple((name, str(value)) for name, value in message.items()),
        text=_body(message, "plain"),
        html=_body(message, "html"),
        attachments=tuple(_attachment_names(message)),
    )


def _body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    return str(part.get_content()) if part else ""


def _attachment_names(message: EmailMessage) -> Iterator[str]:
    for part in message.iter_attachments():
        yield part.get_filename() or part.get_content_type()
