"""Hands claimed mails and text messages in, and keeps what came of each."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from email.errors import MessageError
from email.message import EmailMessage

import aiosmtplib
import prometheus_client
from jinja2 import TemplateError

from services.notifier.domain.schedule import wait_after
from services.notifier.mail.composing import compose
from services.notifier.mail.rendering import Renderer
from services.notifier.mail.server import MailServer, is_final, nobody_there, reason
from services.notifier.mail.texting import TextRefused, Texts
from services.notifier.mail.unsubscribing import Unsubscribing
from services.notifier.repository import account_hours, emails, suppressions
from services.notifier.repository.emails import ClaimedEmail
from shared.database import Database

held_back_total = prometheus_client.Counter(
    "roadworthy_mails_held_back_total", "Put off, as their account has sent its hour's to people"
)

AT_ONCE = 10
LEASE = timedelta(minutes=5)
CROWDED_WAIT = timedelta(minutes=10)
MAX_UNSETTLED = 2
"""How often a mail may be claimed without a result: a second copy may go out, never a third."""

RETRIES = (
    timedelta(seconds=10),
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=6),
)


class Unsendable(Exception):
    """This mail will never go out; trying again can't help."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of handing one in; without an error it was taken."""

    error: str | None = None
    final: bool = False
    nobody_there: bool = False


class Post:
    """Sends what is due, a few at a time.

    At the most `per_hour` mails to one recipient, and `per_account` for one account to others; each
    further process may send ten more than that.
    """

    def __init__(
        self,
        database: Database,
        server: MailServer,
        texts: Texts,
        renderer: Renderer,
        unsubscribing: Unsubscribing,
        *,
        sender: str,
        per_hour: int,
        per_account: int,
    ) -> None:
        self._database = database
        self._server = server
        self._texts = texts
        self._renderer = renderer
        self._unsubscribing = unsubscribing
        self._sender = sender
        self._per_hour = per_hour
        self._per_account = per_account

    async def send_due(self) -> int:
        """Claim what is due, send it, and keep what came of each; returns 0 if that was all."""
        now = self._database.clock.now()
        async with self._database.reading() as connection:
            claimed = await emails.claim(
                connection, now=now, lease=LEASE, limit=AT_ONCE, most=self._per_account
            )
        ahead: Counter[str | None] = Counter()
        beyond: list[ClaimedEmail] = []
        # One after the other for each recipient, or the limit would count none of the others.
        lines: dict[str, list[ClaimedEmail]] = {}
        for email in sorted(claimed, key=lambda email: email.id):  # in the order of their making
            if email.account_lately + ahead[email.counts_for] >= self._per_account:
                beyond.append(email)
                continue
            ahead[email.counts_for] += email.counts_for is not None
            lines.setdefault((email.recipient or "").lower(), []).append(email)
        await asyncio.gather(*map(self._send_in_turn, lines.values()))
        for email in beyond:
            async with self._database.reading() as connection:
                await account_hours.hold_back(
                    connection, email, self._database.clock.now(), self._per_account
                )
            held_back_total.inc()
        return len(claimed) if len(claimed) == AT_ONCE else 0

    async def _send_in_turn(self, line: list[ClaimedEmail]) -> None:
        for place, email in enumerate(line):
            await self._send(email, email.sent_lately + place)

    async def _send(self, email: ClaimedEmail, sent_lately: int) -> None:
        now = self._database.clock.now()
        if (why := _unwanted(email)) is not None:
            async with self._database.reading() as connection:
                await emails.suppressed(connection, email, now, why)
        elif email.unsettled >= MAX_UNSETTLED:
            async with self._database.reading() as connection:
                await emails.failed(connection, email, now, "unsettled: it may have gone out twice")
        elif sent_lately >= self._per_hour:
            async with self._database.reading() as connection:
                await emails.put_off(connection, email, now + CROWDED_WAIT, "too-many-an-hour")
        else:
            await self._settle(email, await self._handed_in(email))

    async def _handed_in(self, email: ClaimedEmail) -> Outcome:
        try:
            if email.recipient is None:
                # The account's own event may still be on its way.
                raise aiosmtplib.SMTPException("recipient-unknown")
            if email.channel == "text":
                words = self._renderer.text_message(email.message, email.brand)
                await self._texts.send(email.recipient, words)
            else:
                await self._server.take(self._composed(email, email.recipient))
        except Unsendable as unsendable:
            return Outcome(str(unsendable), final=True)
        except TextRefused as refused:
            return Outcome(str(refused), final=refused.final)
        except (aiosmtplib.SMTPException, OSError) as refused:
            return Outcome(reason(refused), is_final(refused), nobody_there(refused))
        return Outcome()

    async def _settle(self, email: ClaimedEmail, outcome: Outcome) -> None:
        now = self._database.clock.now()
        if outcome.error is None:
            async with self._database.reading() as connection:
                await emails.sent(connection, email, now)
            return
        async with self._database.transaction() as work:
            # Spreads an outage's retries; nobody gains by guessing it.
            wait = wait_after(email.attempts, RETRIES, random.random())  # noqa: S311 - not a secret
            if outcome.final or wait is None:
                await emails.failed(work.connection, email, now, outcome.error)
            else:
                await emails.postponed(work.connection, email, now + wait, outcome.error)
            if outcome.nobody_there and email.recipient is not None:
                await suppressions.suppress(
                    work.connection, email.recipient, "refused", outcome.error, now
                )

    def _composed(self, email: ClaimedEmail, recipient: str) -> EmailMessage:
        try:
            return compose(
                self._renderer,
                email.message,
                sender=self._sender,
                recipient=recipient,
                partner_name=email.partner_name,
                brand=email.brand,
                unsubscribe=self._unsubscribing.url(email.message, recipient),
            )
        except (ValueError, KeyError, TemplateError, MessageError) as error:
            raise Unsendable(f"not-renderable: {type(error).__name__}") from error


def _unwanted(email: ClaimedEmail) -> str | None:
    if email.suppressed:
        return "address-suppressed"
    return "unsubscribed" if email.opted_out else None
