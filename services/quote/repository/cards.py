"""Loads and saves rate cards, version by version."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, func, insert, or_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.quote.domain.card import RateCard, begun
from services.quote.domain.rate_card import Rate
from services.quote.repository.rates import rate_of, rows
from services.quote.tables.rates import cards, rates, versions
from shared.money import Rounding

_EVERY = select(
    cards,
    versions.c.version.label("recorded"),
    versions.c.title,
    versions.c.rounding,
    versions.c.recorded_at,
    versions.c.recorded_by,
).outerjoin(versions, versions.c.card_id == cards.c.id)
_CARDS = _EVERY.where(versions.c.version.is_not_distinct_from(func.nullif(cards.c.version, 0)))
"""Each card in the version that holds; 0 is that of one that was only begun."""


def _is(service: str, workshop_id: str | None) -> ColumnElement[bool]:
    return and_(cards.c.service == service, cards.c.workshop_id.is_not_distinct_from(workshop_id))


async def load(
    connection: AsyncConnection, service: str, workshop_id: str | None
) -> RateCard | None:
    """Load a service's card: the general one, or a workshop's own."""
    row = (await connection.execute(_CARDS.where(_is(service, workshop_id)))).one_or_none()
    return None if row is None else await _card(connection, row)


async def all_of(connection: AsyncConnection, workshop_id: str | None) -> list[RateCard]:
    """Load the general cards, or a workshop's own, by service."""
    query = _CARDS.where(
        cards.c.workshop_id.is_not_distinct_from(workshop_id), cards.c.version > 0
    ).order_by(cards.c.service)
    found = (await connection.execute(query)).all()
    return [await _card(connection, row) for row in found]


async def hold(
    connection: AsyncConnection, new_id: str, service: str, workshop_id: str | None, now: datetime
) -> RateCard:
    """Lock a card until the transaction ends; begin an empty one where there is none."""
    empty = {"id": new_id, "service": service, "workshop_id": workshop_id}
    new = upsert(cards).values(version=0, sequence=0, **empty)
    await connection.execute(new.on_conflict_do_nothing())
    lock = select(cards.c.id).where(_is(service, workshop_id)).with_for_update()
    card_id = (await connection.execute(lock)).scalar_one()
    # A statement of its own: its snapshot must be taken after the lock, to see the last version.
    row = (await connection.execute(_CARDS.where(cards.c.id == card_id))).one()
    return await _card(connection, row) if row.version else begun(row.id, service, workshop_id, now)


async def owed(connection: AsyncConnection, before: datetime, limit: int) -> list[RateCard]:
    """Lock cards never told, or last told before a moment; others' work is left out."""
    lock = (
        select(cards.c.id)
        .where(or_(cards.c.told_at.is_(None), cards.c.told_at < before), cards.c.version > 0)
        .order_by(cards.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    held = list(await connection.scalars(lock))
    found = (await connection.execute(_CARDS.where(cards.c.id.in_(held)))).all()
    return [await _card(connection, row) for row in found]


async def add_version(connection: AsyncConnection, card: RateCard) -> None:
    """Save a card's next version, whose event goes with it."""
    await connection.execute(
        insert(versions).values(
            card_id=card.id,
            version=card.version,
            title=card.title,
            currency=card.rates[0].parts.currency,
            rounding=card.rounding,
            recorded_at=card.recorded_at,
            recorded_by=card.recorded_by,
        )
    )
    lines = [_rate_row(card, number, rate) for number, rate in enumerate(card.rates)]
    await connection.execute(insert(rates), lines)
    await mark_told(connection, card, card.recorded_at)


async def mark_told(connection: AsyncConnection, card: RateCard, now: datetime) -> None:
    """Save that a card was announced as it stands."""
    statement = update(cards).where(cards.c.id == card.id)
    values = {"version": card.version, "sequence": card.sequence, "told_at": now}
    await connection.execute(statement.values(values))


async def versions_of(
    connection: AsyncConnection, card: RateCard, *, before: int | None, limit: int
) -> list[RateCard]:
    """Load a card's versions, newest first."""
    query = _EVERY.where(cards.c.id == card.id).order_by(versions.c.version.desc()).limit(limit)
    found = await connection.execute(
        query.where(versions.c.version < before) if before is not None else query
    )
    return [await _card(connection, row) for row in found.all()]


async def _card(connection: AsyncConnection, row: Row[Any]) -> RateCard:
    query = rows().where(rates.c.card_id == row.id, rates.c.version == row.recorded)
    lines = await connection.execute(query.order_by(rates.c.line))
    return RateCard(
        id=row.id,
        service=row.service,
        workshop_id=row.workshop_id,
        title=row.title,
        rounding=Rounding(row.rounding),
        rates=tuple(rate_of(line) for line in lines.mappings()),
        version=row.recorded,
        sequence=row.sequence,
        recorded_at=row.recorded_at,
        recorded_by=row.recorded_by,
    )


def _rate_row(card: RateCard, line: int, rate: Rate) -> dict[str, Any]:
    return {
        "card_id": card.id,
        "version": card.version,
        "line": line,
        "vehicle_class": rate.vehicle_class,
        "labour_hours": rate.labour_hours,
        "hourly_rate": rate.hourly_rate.amount,
        "parts": rate.parts.amount,
        "sublet": rate.sublet.amount,
        "fees": rate.fees.amount,
        "discount": rate.discount.amount,
        "tax_rate": rate.tax_rate,
        "own_tax": rate.own_tax,
        "by_person": rate.by_person,
        "valid_from": rate.valid_from,
        "valid_until": rate.valid_until,
    }
