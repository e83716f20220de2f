"""Every event of every service: kept, fanned out, and projected where this service needs it."""

from __future__ import annotations

from collections.abc import Callable

from services.notifier import fan_out
from services.notifier.repository import projections
from shared.contracts import TOPICS, PartnerV1, WorkshopV1
from shared.database import Transaction
from shared.events import Event
from shared.inbox import Effect

CONSUMED = tuple(TOPICS)
"""All topics, this service's own included: a disabled endpoint is told like anything else."""


def effects(wake: Callable[[], None], hand: fan_out.Hand) -> dict[str, Effect]:
    """Say what each type does.

    What is queued is handed over in its transaction; `wake` is called after it, for mails.
    """

    async def tell(work: Transaction, event: Event) -> None:
        if await fan_out.receive(work, event, hand):
            work.after_commit(wake)

    async def keep_partner(work: Transaction, event: Event) -> None:
        partner = PartnerV1.model_validate_json(event.data)
        await tell(work, event)
        await projections.keep_partner(work.connection, partner, event.sequence)

    async def keep_workshop(work: Transaction, event: Event) -> None:
        workshop = WorkshopV1.model_validate_json(event.data)
        new = await projections.keep_workshop(work.connection, workshop, event.sequence)
        await tell(work, event)
        if new:
            await fan_out.catch_up(work, workshop.id)

    return {
        "partner.created": keep_partner,
        "partner.updated": keep_partner,
        "workshop.created": keep_workshop,
        "workshop.updated": keep_workshop,
        # A newer service may publish a type that this copy has no contract of: it is passed on.
        "*": tell,
    }
