"""What a webhook, and `GET /v1/events`, say of an event."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import orjson

from services.notifier.domain.message import Message


def shown(message: Message, replay_id: str | None = None) -> dict[str, Any]:
    """Show the members that a webhook's body has, in their order; a replay says that it is one."""
    members = {
        "type": message.type,
        "timestamp": message.time,
        "data": orjson.Fragment(message.data),
        "sequence": message.sequence,
        "subject": message.subject,
    }
    if message.test:
        members["test"] = True
    if replay_id is not None:
        members["replay"] = {"id": replay_id}
    return members


Members = Callable[[Message, str | None], dict[str, Any]]

BY_VERSION: Mapping[int, Members] = {1: shown}
"""What a body says, by the payload version that an endpoint keeps (`PAYLOAD_VERSIONS`)."""


def renders(version: int) -> bool:
    """Tell whether there is such a version here: a newer process may have more of them."""
    return version in BY_VERSION


def webhook_body(message: Message, replay_id: str | None, version: int) -> bytes:
    """Render a webhook's body: the same bytes on every attempt; KeyError: no such version."""
    return orjson.dumps(BY_VERSION[version](message, replay_id), option=orjson.OPT_UTC_Z)
