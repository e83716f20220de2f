"""`roadworthy listen`: a partner's webhooks in a terminal, as they come."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import typer

from roadworthy.client import clients
from roadworthy.receiver import Webhook, receiving


async def listen(data: Path, role: str, events: Sequence[str], *, as_json: bool) -> None:
    """Print webhooks until cancelled; the endpoint is made for that time only."""
    async with (
        clients(data) as made,
        receiving(made[role], events or ["*"], "roadworthy listen") as receiver,
    ):
        if not as_json:
            typer.echo(f"Listening as the {role}, at {receiver.url} (Ctrl-C stops)")
        shown = 0
        while True:
            for webhook in await receiver.after(shown):
                typer.echo(json.dumps(webhook.body) if as_json else line(webhook))
                shown += 1


def line(webhook: Webhook) -> str:
    """Say in a line what came."""
    verdict = f"signature verified by {' and '.join(webhook.verified_by)}"
    if webhook.refused_by:
        verdict = f"SIGNATURE REFUSED by {' and '.join(webhook.refused_by)}"
    data = webhook.body["data"]
    told = [str(data[name]) for name in ("status", "reason") if data.get(name)]
    return f"{webhook.type:20} {webhook.subject} #{webhook.sequence} {', '.join(told):28} {verdict}"
