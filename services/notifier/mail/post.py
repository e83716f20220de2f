"""Hands claimed mails to the mail server, and keeps what came of it."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass
from datetime import timedelta
from email.errors import MessageError
from email.message import EmailMessage

import aiosmtplib
from jinja2 import TemplateError

from services.notifier.domain.schedule import wait_after
from services.notifier.mail.composing import compose
from services.notifier.mail.rendering import Renderer
from services.notifier.repository import emails
from services.notifier.repository.emails import ClaimedEmail
from shared.database import Database

AT_ONCE = 10
SMTP_SECONDS = 30.0
LEASE = timedelta(minutes=5)
RETRIES = (
    timedelta(seconds=10),
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=6),
)

_STARTTLS = {"none": False, "opportunistic": None, "starttls": True, "tls": False}


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mails are handed in; `security` is a key of the setting `SMTP_SECURITY`."""

    host: str
    port: int
    username: str | None
    password: str
    security: str

    async def take(self, mail: EmailMessage) -> None:
        """Hand one mail in; raises SMTPException or OSError."""
        await aiosmtplib.send(
            mail,
            hostname=self.host,
            port=self.port,
            username=self.username,
            password=self.password if self.username else None,
            use_tls=self.security == "tls",
            start_tls=_STARTTLS[self.security],
            timeout=SMTP_SECONDS,
        )


class Unsendable(Exception):
    """This mail will never go out; trying again can't help."""


class Post:
    """Sends what is due, a few at a time."""

    def __init__(
        self, database: Database, server: MailServer, renderer: Renderer, sender: str
    ) -> None:
        self._database = database
        self._server = server
        self._renderer = renderer
        self._sender = sender

    async def send_due(self) -> int:
        """Claim what is due, send it, and keep what came of each; returns 0 if that was all."""
        now = self._database.clock.now()
        async with self._database.reading() as connection:
            claimed = await emails.claim(connection, now=now, lease=LEASE, limit=AT_ONCE)
        await asyncio.gather(*map(self._send, claimed))
        return len(claimed) if len(claimed) == AT_ONCE else 0

    async def _send(self, email: ClaimedEmail) -> None:
        error, final = None, False
        try:
            await self._server.take(self._composed(email))
        except Unsendable as unsendable:
            error, final = str(unsendable), True
        except (aiosmtplib.SMTPException, OSError) as refused:
            error, final = _reason(refused), _is_final(refused)
        now = self._database.clock.now()
        async with self._database.reading() as connection:
            if error is None:
                await emails.sent(connection, email, now)
                return
            # Spreads an outage's retries; nobody gains by guessing it.
            wait = wait_after(email.attempts, RETRIES, random.random())  # noqa: S311 - not a secret
            if final or wait is None:
                await emails.failed(connection, email, now, error)
            else:
                await emails.postponed(connection, email, now + wait, error)

    def _composed(self, email: ClaimedEmail) -> EmailMessage:
        if email.recipient is None:
            # The account's own event may still be on its way.
            raise aiosmtplib.SMTPException("recipient-unknown")
        try:
            return compose(
                self._renderer,
                email.message,
                sender=self._sender,
                recipient=email.recipient,
                partner_name=email.partner_name,
            )
        except (ValueError, KeyError, TemplateError, MessageError) as error:
            raise Unsendable(f"not-renderable: {type(error).__name__}") from error


def _is_final(error: Exception) -> bool:
    """Tell whether the server refused this very mail for good (5xx)."""
    match error:
        case aiosmtplib.SMTPRecipientsRefused(recipients=refused):
            return all(each.code >= 500 for each in refused)
        case aiosmtplib.SMTPSenderRefused() | aiosmtplib.SMTPDataError():
            return error.code >= 500
    return False


def _reason(error: Exception) -> str:
    code = getattr(error, "code", None)
    return f"{type(error).__name__}{f' {code}' if code else ''}: {error}"[:500]
