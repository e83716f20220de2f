"""The notifier for tests: loopback receivers allowed, and a schedule that a test can wait for."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

import httpx
from sqlalchemy import text

from roadworthy.embedded.inbox import Inbox
from services.notifier import fan_out
from services.notifier.settings import NotifierSettings
from shared.events import Event
from shared.service import Service

SECRETS_KEY = b64encode(bytes(32)).decode()


def notifier_settings(url: str, inbox: Inbox | None = None, **more: Any) -> NotifierSettings:
    """Make settings; `more` are the bus's, and what a test is about."""
    mail = {"smtp_host": inbox.host, "smtp_port": inbox.port} if inbox else {}
    usual: dict[str, Any] = {
        "webhook_secrets_key": SECRETS_KEY,
        "webhook_allowed_networks": ("127.0.0.0/8",),
        "webhook_retries": (0.05, 0.05, 0.05),
        "webhook_longest_pause": 0.05,
        "smtp_security": "none",
    }
    return NotifierSettings(database_url=url, **usual | mail | more)


async def receive(service: Service, *events: Event) -> None:
    """Have events fanned out as the consumer does; engines find them by polling."""
    for each in events:
        async with service.database.transaction() as work:
            await fan_out.receive(work, each)


async def published(service: Service, event_type: str) -> list[str]:
    """List the subjects of what the service itself published of this type."""
    statement = text("SELECT subject FROM events WHERE type = :type ORDER BY position")
    async with service.database.reading() as connection:
        return list((await connection.execute(statement, {"type": event_type})).scalars())


async def register(
    client: httpx.AsyncClient, headers: dict[str, str], url: str, *events: str, **more: Any
) -> dict[str, Any]:
    """Register an endpoint, and return it with its secret."""
    body = {"url": url, "events": list(events) or ["*"], **more}
    answer = await client.post("/v1/webhook-endpoints", json=body, headers=headers)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made
