"""A mail that its server refuses: for now, or for good."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from email import message_from_bytes, policy
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from sqlalchemy import text

from infra.access import SigningKeys
from infra.databases import MakeDatabase
from infra.happenings import event
from infra.notifying import notifier_settings, receive
from infra.waiting import eventually
from services.notifier.main import build
from shared.ids import new_id
from shared.shift import ShiftedClock


class Moody:
    """A mail server that refuses as it is told, and keeps what it took."""

    def __init__(self) -> None:
        self.refusals: list[str] = []
        self.taken: list[bytes] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        if self.refusals:
            return self.refusals.pop(0)
        self.taken.append(envelope.content)
        return "250 OK"


@dataclass
class MoodyServer:
    """Where a moody mail server listens."""

    mood: Moody
    port: int


@pytest.fixture
def moody() -> Iterator[MoodyServer]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    mood = Moody()
    controller = Controller(mood, hostname="127.0.0.1", port=port)
    controller.start()
    yield MoodyServer(mood, port)
    controller.stop()


async def test_a_mail_is_tried_again_after_a_passing_refusal_and_not_after_a_final_one(
    database: MakeDatabase, keys: SigningKeys, moody: MoodyServer
) -> None:
    clock = ShiftedClock()
    settings = notifier_settings(await database("notifier"), smtp_port=moody.port)
    service = build(settings, clock=clock, keys=keys)
    post = service.parts["mail"]
    happened = event("service.created", partner_id=new_id("par"))
    hopeless = event("service.created", partner_id=new_id("par"))
    moody.mood.refusals = ["451 4.3.0 later", "554 5.7.1 never"]
    await receive(service, happened)
    await post.start()

    async def rows() -> dict[str, Any]:
        async with service.database.reading() as connection:
            found = await connection.execute(text("SELECT event_id, status, attempts FROM emails"))
            return {row.event_id: (row.status, row.attempts) for row in found}

    async def become(event_id: str, status: str, attempts: int) -> None:
        async def so() -> bool:
            return (await rows()).get(event_id) == (status, attempts)

        await eventually(so)

    async def postponed() -> bool:
        async with service.database.reading() as connection:
            return bool(await connection.scalar(text("SELECT error IS NOT NULL FROM emails")))

    await eventually(postponed)
    await receive(service, hopeless)
    await become(hopeless.id, "failed", 1)
    assert moody.mood.taken == []
    clock.advance(timedelta(seconds=12))
    await become(happened.id, "sent", 2)
    [taken] = moody.mood.taken
    message = message_from_bytes(taken, policy=policy.default)
    assert message["Message-ID"] == f"<{happened.id}@roadworthy.dev>"
    await post.stop()
    await service.engine.dispose()
