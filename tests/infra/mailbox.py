"""A mail server that keeps what it takes, and a notifier that writes to it without the bus."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from sqlalchemy import text

from infra.access import SigningKeys
from infra.notifying import notifier_settings
from infra.waiting import eventually
from infra.webhooks import at_work
from roadworthy.embedded.ports import LOOPBACK, bind
from services.notifier.main import build
from shared.clock import Clock
from shared.service import Service

PUBLIC_URL = "https://roadworthy.test"


@dataclass
class MailBox:
    """A mail server that knows everybody but who is `gone`; `refusals` are its words to some."""

    mails: list[EmailMessage] = field(default_factory=list)
    gone: set[str] = field(default_factory=set)
    refusals: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        self.asked.append(address)
        if address in self.gone:
            return "550 5.1.1 no such user"
        if address in self.refusals:
            return self.refusals[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        mail = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        return "250 OK"

    def to(self, address: str) -> list[EmailMessage]:
        return [each for each in self.mails if each["To"] == address]


@asynccontextmanager
async def mailing(
    url: str, keys: SigningKeys, box: MailBox, *, clock: Clock | None = None, **more: Any
) -> AsyncIterator[Service]:
    """Run a notifier over a database that sends mails to the box, and webhooks."""
    with bind(LOOPBACK, 0) as free:
        port = free.getsockname()[1]
    server = Controller(box, hostname=LOOPBACK, port=port)
    server.start()
    where = {"smtp_host": LOOPBACK, "smtp_port": port, "public_url": PUBLIC_URL}
    settings = notifier_settings(url, **where, **more)
    async with at_work(build(settings, clock=clock, keys=keys), "mail", "deliveries") as made:
        yield made
    server.stop()


def customer(address: str | None, phone: str | None = None) -> dict[str, Any]:
    return {"name": "Sam", "email": address, "phone": phone}


async def outcomes(service: Service, *events: Any) -> list[tuple[str, str, str | None]]:
    """Wait until nothing of these events waits unasked; return channel, status and error."""
    query = text("""SELECT channel, status, error FROM emails WHERE event_id = ANY (:ids)
                    ORDER BY channel, id""")

    async def settled() -> list[tuple[str, str, str | None]]:
        async with service.database.reading() as connection:
            found = await connection.execute(query, {"ids": [each.id for each in events]})
            rows = [tuple(row) for row in found]
        return [] if any(row[1] == "queued" and row[2] is None for row in rows) else rows

    return await eventually(settled)


async def arrived(box: MailBox, address: str, count: int = 1) -> list[EmailMessage]:
    return await eventually(lambda: found if len(found := box.to(address)) >= count else [])
