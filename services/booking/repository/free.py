"""Which bay, technician and loan car are free for a stay."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Text, TextClause, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.types import TypeEngine

from services.booking.domain.need import Need
from services.booking.domain.obstacle import Cause
from services.booking.domain.placement import Placement, Stay

# What one resource is kept for never overlaps, so that of what ends after the start only the first
# can be in the way: one probe of the index for each resource, however many bookings there are.
_FREE = """
LEFT JOIN LATERAL (
    SELECT one.id FROM resources AS one
    LEFT JOIN LATERAL (
        SELECT lower({during}) AS start FROM bookings
        WHERE {column} = one.id AND status IN ('held', 'pending', 'processing')
          AND upper({during}) > {since} AND id IS DISTINCT FROM :except_for
          AND (status <> 'held' OR hold_expires_at > :now)
        ORDER BY upper({during}) LIMIT 1
    ) AS next ON true
    WHERE one.workshop_id = :workshop_id AND one.kind = '{kind}' AND {in_service}
      AND {able} AND (next.start IS NULL OR next.start >= {until})
    ORDER BY {order} LIMIT 1
) AS {name} ON true"""

_BAY = {
    "name": "bay",
    "kind": "bay",
    "column": "bay_id",
    "during": "during",
    "since": "stay.kept_from",
    "until": "stay.kept_until",
    "able": "true",
    "had": ":bay_id",
    "order": "one.id",
}
_TECHNICIAN = _BAY | {
    "name": "technician",
    "kind": "technician",
    "column": "technician_id",
    "able": "one.skills @> :skills",
    "had": ":technician_id",
    # Who can do little goes first, so that who can do much stays free for what needs it.
    "order": "cardinality(one.skills), one.id",
}
_LOAN_CAR = _BAY | {
    "name": "loan_car",
    "kind": "loan-car",
    "column": "loan_car_id",
    "during": "lent",
    "since": "stay.drop_off_at",
    "until": "stay.pick_up_at",
    "had": ":loan_car_id",
}


@dataclass(frozen=True, slots=True)
class Kept:
    """What is free for a stay, where it is needed; None is what isn't."""

    bay_id: str | None
    technician_id: str | None
    loan_car_id: str | None


async def free(
    connection: AsyncConnection,
    workshop_id: str,
    need: Need,
    stays: Sequence[Stay],
    now: datetime,
    *,
    chosen: bool = False,
    moving: tuple[str, Placement] | None = None,
) -> list[Kept]:
    """Say for each stay what is free for all of it.

    `chosen` asks for the resources that are best given away; `moving` names a booking that isn't
    in its own way, and what it has, which is best kept: what is out of service by now, too, for the
    time that it has already.
    """
    booking_id, had = moving or (None, None)
    stays_then = had is not None and all(each.drop_off_at == had.drop_off_at for each in stays)
    named: dict[str, Any] = {
        "workshop_id": workshop_id,
        "drop_off_at": [stay.drop_off_at for stay in stays],
        "pick_up_at": [stay.pick_up_at for stay in stays],
        "kept_from": [stay.drop_off_at - need.buffer_before for stay in stays],
        "kept_until": [stay.ends_at + need.buffer_after for stay in stays],
        "except_for": booking_id,
        "now": now,
    }
    if need.technician:
        named["skills"] = list(need.skills)
    if chosen:
        named |= {of: getattr(had, of, None) for of in ("bay_id", "technician_id", "loan_car_id")}
    query = _query(
        technician=need.technician, loan_car=need.loan_car, chosen=chosen, stays_then=stays_then
    )
    return [Kept(*row) for row in await connection.execute(query, named)]


async def lacking(connection: AsyncConnection, workshop_id: str, need: Need) -> dict[str, Cause]:
    """Say what a workshop hasn't at all, and what to call that, by the resource that is missed."""
    row = (
        await connection.execute(_HAS, {"workshop_id": workshop_id, "skills": list(need.skills)})
    ).one()
    found = {}
    if row.technicians and not row.skilled:
        found["technician_id"] = Cause.SKILL_MISSING
    if not row.loan_cars:
        found["loan_car_id"] = Cause.NO_LOAN_CAR
    return found


_TEXTS: TypeEngine[Any] = ARRAY(Text)

_HAS = text("""
SELECT count(*) FILTER (WHERE kind = 'technician') AS technicians,
       count(*) FILTER (WHERE kind = 'technician' AND skills @> :skills) AS skilled,
       count(*) FILTER (WHERE kind = 'loan-car') AS loan_cars
FROM resources WHERE workshop_id = :workshop_id AND in_service
""").bindparams(bindparam("skills", type_=_TEXTS))


def _any(part: Mapping[str, str]) -> str:
    # The first that is found will do, without looking at the others.
    return _FREE.format(**{**part, "order": "one.id", "in_service": "one.in_service"})


def _chosen(part: Mapping[str, str], *, stays_then: bool) -> str:
    had = f"one.id = {part['had']}"
    first = f"{had} IS NOT TRUE, {part['order']}"
    in_service = f"(one.in_service OR {had})" if stays_then else "one.in_service"
    return _FREE.format(**{**part, "order": first, "in_service": in_service})


@cache
def _query(*, technician: bool, loan_car: bool, chosen: bool, stays_then: bool) -> TextClause:
    parts = [_BAY] + [_TECHNICIAN] * technician + [_LOAN_CAR] * loan_car
    joins = "".join(
        _chosen(part, stays_then=stays_then) if chosen else _any(part) for part in parts
    )
    columns = (
        "bay.id",
        "technician.id" if technician else "NULL",
        "loan_car.id" if loan_car else "NULL",
    )
    query = text(f"""
SELECT {", ".join(columns)}
FROM unnest(
    CAST(:drop_off_at AS timestamptz[]), CAST(:pick_up_at AS timestamptz[]),
    CAST(:kept_from AS timestamptz[]), CAST(:kept_until AS timestamptz[])
) WITH ORDINALITY AS stay (drop_off_at, pick_up_at, kept_from, kept_until, place)
{joins}
ORDER BY stay.place
""")  # noqa: S608 - of our own parts
    typed = [bindparam("except_for", type_=Text)]
    if technician:
        typed.append(bindparam("skills", type_=_TEXTS))
    if chosen:
        typed += [bindparam(part["had"].removeprefix(":"), type_=Text) for part in parts]
    return query.bindparams(*typed)
