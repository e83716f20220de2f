"""Opening deals, reading them, and holding one open for what is added to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement

from services.order.domain.deal import Deal, DealClosed, OtherCurrency, check_addition, opened
from services.order.domain.terms import Contact
from services.order.outgoing.deals import published
from services.order.repository import deals
from shared.auth import Caller
from shared.database import Database, Transaction
from shared.idempotency import Answer, Once
from shared.ids import new_id
from shared.problems import Problem, invalid


@dataclass(frozen=True, slots=True)
class NewDeal:
    """What a deal begins with; `currency` is that of its invoice."""

    reference: str
    currency: str
    contact: Contact | None = None


async def create(database: Database, caller: Caller, asked: NewDeal, once: Once[Deal]) -> Answer:
    """Open a deal of the caller's."""
    async with database.transaction() as work:
        if answer := await once.replayed(work):
            return answer
        deal, event = opened(
            new_id("dea"),
            caller.partner_id,
            asked.reference,
            asked.currency,
            asked.contact,
            work.now,
        )
        await deals.add(work.connection, deal)
        work.publish(published(event))
        return await once.answer(work, deal)


async def hold_open(work: Transaction, partner_id: str, deal_id: str, currency: str) -> Deal:
    """Keep a partner's deal open until this transaction ends: what is added is in its invoice.

    Raises a Problem: 422 for no deal of the partner's, 409 for a closed one or another currency.
    """
    deal = await deals.hold(work.connection, deal_id, partner_id)
    if deal is None:
        raise invalid("/deal_id", "unknown-deal", "There is no such deal.")
    try:
        check_addition(deal, currency)
    except DealClosed:
        raise closed(deal) from None
    except OtherCurrency as other:
        raise Problem(409, "other-currency", str(other).capitalize() + ".") from None
    return deal


async def page(
    database: Database,
    caller: Caller,
    conditions: Sequence[ColumnElement[bool]],
    *,
    before: str | None,
    limit: int,
) -> list[Deal]:
    """Read deals of the caller's, newest first."""
    async with database.reading() as connection:
        mine = [deals.visible_to(caller), *conditions]
        return await deals.page(connection, mine, before=before, limit=limit)


def closed(deal: Deal) -> Problem:
    """Refuse what only an open deal can take."""
    moment = f"{deal.closed_at:%Y-%m-%dT%H:%M:%SZ}"
    detail = f"The deal {deal.id} was closed at {moment}; it takes nothing more."
    return Problem(409, "deal-closed", detail, extra={"deal_id": deal.id})
