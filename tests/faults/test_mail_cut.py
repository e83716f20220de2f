"""A process killed after the mail server took a mail, and before that was noted."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from email import message_from_bytes
from typing import Any

from aiosmtpd.controller import Controller
from sqlalchemy import text

from infra.access import SigningKeys
from infra.databases import MakeDatabase
from infra.happenings import event
from infra.notifying import notifier_settings, receive
from infra.waiting import eventually
from infra.webhooks import at_work
from roadworthy.embedded.ports import LOOPBACK, bind
from services.notifier.main import build
from shared.ids import new_id


class Deadly:
    """A mail server that takes mails, and kills who hands the first ones in before it says so."""

    def __init__(self, kills: int) -> None:
        self.taken: list[str] = []
        self.kills = kills
        self.mailer: subprocess.Popen[bytes] | None = None

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        self.taken.append(message_from_bytes(envelope.content)["Message-ID"])
        if self.kills and self.mailer is not None:
            self.kills -= 1
            os.kill(self.mailer.pid, signal.SIGKILL)
            self.mailer.wait()
        return "250 OK"


def started(url: str, port: int) -> subprocess.Popen[bytes]:
    """Start a process that sends mails."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(["tests", "."])}
    command = [sys.executable, "-m", "infra.mailer", url, str(port)]
    return subprocess.Popen(command, env=environment)


async def test_a_mail_goes_out_twice_at_the_most_and_that_is_recorded(
    database: MakeDatabase, keys: SigningKeys
) -> None:
    with bind(LOOPBACK, 0) as free:
        port = free.getsockname()[1]
    deadly = Deadly(kills=2)
    server = Controller(deadly, hostname=LOOPBACK, port=port)
    server.start()
    url = await database("notifier")
    settings = notifier_settings(url, smtp_host=LOOPBACK, smtp_port=port)
    service = build(settings, keys=keys)
    once, after = (event("service.created", partner_id=new_id("par")) for _ in range(2))

    async def row(event_id: str) -> tuple[str, int]:
        statement = text("SELECT status, unsettled FROM emails WHERE event_id = :id")
        async with service.database.reading() as connection:
            found = (await connection.execute(statement, {"id": event_id})).one()
        return found.status, found.unsettled

    async def lease_is_over() -> None:
        """Move the lease's end to now, as five minutes would."""
        statement = text("UPDATE emails SET due_at = :now WHERE lease IS NOT NULL")
        async with service.database.transaction() as work:
            await work.connection.execute(statement, {"now": work.now})

    await receive(service, once)
    try:
        for kill in (1, 2):
            deadly.mailer = started(url, port)
            await asyncio.to_thread(deadly.mailer.wait, 30.0)
            assert await row(once.id) == ("queued", kill - 1)
            await lease_is_over()
        async with at_work(service, "mail"):
            await receive(service, after)

            async def all_ended() -> bool:
                rows = [await row(each.id) for each in (once, after)]
                return rows == [("failed", 2), ("sent", 0)]

            await eventually(all_ended)
    finally:
        server.stop()

    ids = [f"<{each.id}@roadworthy.dev>" for each in (once, once, after)]
    assert deadly.taken == ids
