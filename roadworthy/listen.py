"""`roadworthy listen`: a partner's webhooks in a terminal, as they come."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import typer

from roadworthy import forwarding
from roadworthy.client import Client, clients
from roadworthy.forwarding import Forwarded, Forwarding
from roadworthy.receiver import Webhook, receiving


async def listen(
    data: Path,
    role: str,
    events: Sequence[str],
    *,
    forward_to: str | None = None,
    as_json: bool = False,
) -> None:
    """Print webhooks until cancelled; the endpoint is made for that time only."""
    if forward_to is not None:
        forwarding.local(forward_to)
    async with clients(data) as made, forwarding.session() as session:
        handed = None if forward_to is None else Forwarding(forward_to, session)
        await _print(made[role], role, events or ["*"], handed, as_json=as_json)


async def _print(
    client: Client, role: str, events: Sequence[str], handed: Forwarding | None, *, as_json: bool
) -> None:
    async with receiving(client, events, "roadworthy listen", handed) as receiver:
        if not as_json:
            typer.echo(f"Listening as the {role}, at {receiver.url} (Ctrl-C stops)")
            if handed is not None:
                typer.echo(f"Forwarding to {handed.url}, signed with {receiver.secret}")
        shown = 0
        while True:
            for webhook, outcome in await receiver.attempts_after(shown):
                say = json.dumps(told(webhook, outcome)) if as_json else line(webhook, outcome)
                typer.echo(say)
                shown += 1


def told(webhook: Webhook, outcome: Forwarded | None) -> dict[str, object]:
    """Say as JSON what came, and what was answered."""
    if outcome is None:
        return webhook.body
    answered = {"status": outcome.status, "milliseconds": outcome.milliseconds}
    return webhook.body | {"forwarded": answered}


def line(webhook: Webhook, outcome: Forwarded | None = None) -> str:
    """Say in a line what came, and what was answered to it, how soon."""
    verdict = f"signature verified by {' and '.join(webhook.verified_by)}"
    if webhook.refused_by:
        verdict = f"SIGNATURE REFUSED by {' and '.join(webhook.refused_by)}"
    elif outcome is not None:
        verdict = f"{outcome.status} after {outcome.milliseconds} ms"
        verdict += f" ({outcome.error})" if outcome.error else ""
    data = webhook.body["data"]
    said = [str(data[name]) for name in ("status", "reason") if data.get(name)]
    return f"{webhook.type:20} {webhook.subject} #{webhook.sequence} {', '.join(said):28} {verdict}"
