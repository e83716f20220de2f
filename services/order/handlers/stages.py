"""Time in stage: an order's, a period's, and what a partner says of it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.order.domain.shop_hours import ShopHours, SummedHours
from services.order.domain.stage_report import StageFigures, Stay, report
from services.order.domain.stages import Policy, Timeline, spell, timeline
from services.order.repository import access, orders, stages
from services.order.repository.stages import Ended
from shared.auth import Caller, Scope
from shared.database import Database
from shared.problems import Problem, invalid, not_found

LONGEST_PERIOD = timedelta(days=92)
MOST_STAYS = 100_000


@dataclass(frozen=True, slots=True)
class Period:
    """From one moment up to another, perhaps at one workshop alone."""

    since: datetime
    until: datetime
    workshop_id: str | None = None


async def read_timeline(database: Database, caller: Caller, order_id: str) -> Timeline:
    """Sum up an order's time; raises a 404 Problem for none of the caller's."""
    async with database.reading() as connection:
        order = await orders.load(connection, order_id, access.visible_to(caller))
        if order is None:
            raise not_found("order")
        moved = await stages.moves(connection, order_id)
        hours = await stages.hours(connection, {order.workshop_id or ""})
        # What a day costs is between a partner and itself.
        own = caller.is_operator or caller.owns(order.partner_id)
        policy = await stages.policy(connection, order.partner_id) if own else Policy()
    return timeline(moved, database.clock.now(), hours.get(order.workshop_id or ""), policy)


async def read_report(database: Database, caller: Caller, period: Period) -> list[StageFigures]:
    """Sum up the stays that ended in a period; raises a Problem that names the field."""
    if period.until <= period.since:
        raise invalid("/to", "reversed", "The period ends before it begins.")
    if period.until - period.since > LONGEST_PERIOD:
        raise invalid("/to", "too-long", f"A report has {LONGEST_PERIOD.days} days at the most.")
    async with database.reading() as connection:
        found = await stages.ended(
            connection,
            caller,
            period.workshop_id,
            period.since,
            period.until,
            MOST_STAYS + 1,
        )
        hours = await stages.hours(connection, {each.workshop_id or "" for each in found})
        policy = Policy()
        if Scope.PARTNER in caller.scopes:
            policy = await stages.policy(connection, caller.partner_id)
    if len(found) > MOST_STAYS:
        detail = f"There are more than {MOST_STAYS} stays in this period; ask for a shorter one."
        raise Problem(422, "too-many-stays", detail)
    # Seconds of reckoning at the most, which nobody else is to wait for.
    return await asyncio.to_thread(_summed, found, hours, policy)


def _summed(
    found: list[Ended], hours: Mapping[str, ShopHours], policy: Policy
) -> list[StageFigures]:
    begun = min((each.since for each in found), default=None)
    ended = max((each.until for each in found), default=None)
    if begun is None or ended is None:
        return []
    summed = {its: SummedHours(each, begun, ended) for its, each in hours.items()}
    stays = (
        Stay(
            each.workshop_id,
            each.stage,
            spell(each.since, each.until, summed.get(each.workshop_id or "")),
        )
        for each in found
    )
    return report(stays, policy)


async def read_policy(database: Database, caller: Caller) -> Policy:
    """Read what the caller's account says of time."""
    async with database.reading() as connection:
        return await stages.policy(connection, caller.partner_id)


async def put_policy(database: Database, caller: Caller, said: Policy) -> Policy:
    """Replace what the caller's account says of time; holds for what isn't over yet, too."""
    async with database.transaction() as work:
        await stages.put_policy(work.connection, caller.partner_id, said)
    return said
