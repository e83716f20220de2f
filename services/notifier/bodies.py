"""What a webhook, and `GET /v1/events`, say of an event."""

from __future__ import annotations

from typing import Any

import orjson

from services.notifier.domain.message import Message


def shown(message: Message) -> dict[str, Any]:
    """Show the members that a webhook's body has, in their order."""
    members = {
        "type": message.type,
        "timestamp": message.time,
        "data": orjson.Fragment(message.data),
        "sequence": message.sequence,
        "subject": message.subject,
    }
    return {**members, "test": True} if message.test else members


def webhook_body(message: Message) -> bytes:
    """Render a webhook's body: the same bytes on every attempt."""
    return orjson.dumps(shown(message), option=orjson.OPT_UTC_Z)
