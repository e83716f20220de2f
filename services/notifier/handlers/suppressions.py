"""Commands about addresses that are not there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import RowMapping

from services.notifier.domain.mailing import RecipientUnsubscribed
from services.notifier.mail import bounces
from services.notifier.mail.bounces import Report
from services.notifier.mail.unsubscribing import Unsubscriber
from services.notifier.outgoing import published
from services.notifier.repository import suppressions
from shared.database import Database
from shared.idempotency import Answer, Once
from shared.ids import new_id
from shared.problems import Problem, not_found


@dataclass(frozen=True, slots=True)
class Taken:
    """A notification, and whose addresses are suppressed for it."""

    report: Report
    suppressed: frozenset[str]


async def take_bounce(database: Database, raw: bytes, once: Once[Taken]) -> Answer:
    """Take a mail that came back: suppress who isn't there, and note it of the mail.

    Anybody can write a notification; one that doesn't bring back a mail of ours suppresses nobody.
    """
    report = bounces.read(raw)
    if report is None:
        detail = "This is no delivery status notification (multipart/report, RFC 3464)."
        raise Problem(422, "no-notification", detail)
    async with database.transaction() as work:
        if answer := await once.replayed(work):
            return answer
        suppressed = set()
        for bounce in report.bounces:
            event_id, address = report.event_id, bounce.address
            if not event_id or not await suppressions.was_sent(work.connection, event_id, address):
                continue
            said = f"bounced {bounce.status}: {bounce.detail}"
            if bounce.hard:
                suppressed.add(address)
                await suppressions.suppress(work.connection, address, "bounced", said, work.now)
            await suppressions.bounced(work.connection, event_id, said)
        return await once.answer(work, Taken(report, frozenset(suppressed)))


async def page(database: Database, *, after: str | None, limit: int) -> Sequence[RowMapping]:
    """Read who isn't written to, in the order of their addresses."""
    async with database.reading() as connection:
        return await suppressions.page(connection, after=after, limit=limit)


async def lift(database: Database, address: str) -> None:
    """Write to an address again; raises a 404 Problem for one that wasn't suppressed."""
    async with database.reading() as connection:
        if not await suppressions.lift(connection, address):
            raise not_found("suppression")


async def opt_out(database: Database, whom: Unsubscriber) -> None:
    """Send somebody no more reminders and review requests of an account's, and tell of it once."""
    async with database.transaction() as work:
        if await suppressions.opt_out(work.connection, whom.partner_id, whom.address, work.now):
            hashed = suppressions.hashed(whom.address)
            told = RecipientUnsubscribed(new_id("uns"), whom.partner_id, hashed, work.now)
            work.publish(published(told))
