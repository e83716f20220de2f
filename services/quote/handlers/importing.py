"""Takes over rate cards from a file, all of them or none, and gives them out again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from services.quote.domain import card as domain
from services.quote.domain.card import RateCard
from services.quote.domain.rate_card import Rate
from services.quote.domain.sheet import Outcome, Place, Refused, Sheet
from services.quote.domain.tax import Tax
from services.quote.handlers import sites
from services.quote.outgoing import cards as outgoing
from services.quote.outgoing.cards import PLATFORM
from services.quote.repository import cards, projections, taxes
from shared.auth import Caller
from shared.database import Database, Transaction
from shared.idempotency import Answer, Once
from shared.ids import new_id


@dataclass(frozen=True, slots=True)
class How:
    """How a file is taken over: for a trial only, and whether good cards go without the others."""

    dry_run: bool
    skip_refused: bool


@dataclass(frozen=True, slots=True)
class Report:
    """What became of a file, or would have, card by card and for every refused row."""

    dry_run: bool
    rows: int
    outcomes: dict[Place, Outcome]
    refused: Sequence[Refused]


@dataclass(frozen=True, slots=True)
class _Around:
    dry_run: bool
    owners: dict[str, str]
    taxes: Sequence[Tax]


class RowsRefused(Exception):
    """Nothing was taken over; the report says what would have been."""

    def __init__(self, report: Report) -> None:
        super().__init__(f"{len(report.refused)} rows can't be taken over.")
        self.report = report


async def take_over(
    database: Database, caller: Caller, sheet: Sheet, how: How, once: Once[Report]
) -> Answer:
    """Replace every card that the file has, in one transaction; others stay as they are.

    Raises RowsRefused, unless refused cards may be left out or it is a trial.
    """
    async with database.transaction() as work:
        if answer := await once.replayed(work):
            return answer
        at = {workshop_id for _, workshop_id in sheet.cards if workshop_id}
        owners = await projections.accounts(work.connection, at)
        _refuse_others(sheet, caller, owners)
        if sheet.refused and not (how.skip_refused or how.dry_run):
            raise RowsRefused(_report(sheet, how, {}))
        known = await taxes.all_of_them(work.connection)
        around = _Around(how.dry_run, owners, known)
        outcomes = {
            place: await _put(work, caller, place, rates, around)
            for place, rates in sheet.good().items()
        }
        return await once.answer(work, _report(sheet, how, outcomes))


async def give_out(database: Database, caller: Caller, workshop_id: str | None) -> list[RateCard]:
    """Read the general cards, or a workshop's own; raises a 404 Problem for no such workshop."""
    await sites.readable(database, caller, workshop_id)
    async with database.reading() as connection:
        return await cards.all_of(connection, workshop_id)


async def _put(
    work: Transaction, caller: Caller, place: Place, rates: Sequence[Rate], around: _Around
) -> Outcome:
    service, workshop_id = place
    if around.dry_run:
        held = await cards.load(work.connection, service, workshop_id)
        held = held or domain.begun("", service, workshop_id, work.now)
    else:
        held = await cards.hold(work.connection, new_id("rtc"), service, workshop_id, work.now)
    changed = domain.replaced(held, rates, work.now, caller.client_id)
    if changed is None:
        return Outcome.UNCHANGED
    if not around.dry_run:
        card, event = changed
        await cards.add_version(work.connection, card)
        owner = around.owners[workshop_id] if workshop_id else PLATFORM
        work.publish(outgoing.event(card, event, around.taxes, owner))
    return Outcome.REPLACED if held.version else Outcome.CREATED


def _refuse_others(sheet: Sheet, caller: Caller, owners: dict[str, str]) -> None:
    for place, rows in sheet.cards.items():
        _, workshop_id = place
        if workshop_id is None and not caller.is_operator:
            refused = "general-rates", "The general rates are the operator's."
        elif workshop_id is not None and not caller.owns(owners.get(workshop_id, "")):
            refused = "unknown-workshop", "You have no such workshop."
        elif workshop_id is not None and workshop_id not in owners:
            refused = "unknown-workshop", "There is no such workshop."
        else:
            continue
        sheet.refuse(place, [Refused(row.line, "workshop_id", *refused) for row in rows])


def _report(sheet: Sheet, how: How, outcomes: dict[Place, Outcome]) -> Report:
    return Report(
        dry_run=how.dry_run,
        rows=sheet.rows,
        outcomes=outcomes | dict.fromkeys(sheet.refused_of & sheet.cards.keys(), Outcome.REFUSED),
        refused=sorted(sheet.refused, key=lambda each: each.line),
    )
