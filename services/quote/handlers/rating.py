"""Finding what each line costs today."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from services.quote.domain.rate_card import Rate
from services.quote.domain.request import Asked
from services.quote.domain.vehicle import VehicleClass
from services.quote.repository import rates as rate_card
from shared.database import Transaction
from shared.problems import FieldError, Problem


async def rates_for(
    work: Transaction,
    items: Sequence[Asked],
    vehicle_class: VehicleClass,
    workshop_id: str | None,
) -> list[Rate | None]:
    """Find each item's rate, in their order; raises a Problem that names an unknown service.

    None is for what a person has to price: a fault, or a service that fits no rate it has.
    """
    asked = {item.service for item in items if not item.fault}
    found: Mapping[str, Rate] = {}
    if asked:
        found = await rate_card.fitting(
            work.connection, asked, vehicle_class, workshop_id, work.now
        )
    if unfit := asked - found.keys():
        known = await rate_card.known(work.connection, unfit, workshop_id)
        _refuse_unknown(items, unfit - known)
    return [None if item.fault else found.get(item.service) for item in items]


def _refuse_unknown(items: Sequence[Asked], unknown: set[str]) -> None:
    errors = [
        FieldError(
            f"/items/{number}/service",
            "unknown-service",
            f"No rate card has {item.service!r}; GET /v1/rate-cards lists what there is.",
        )
        for number, item in enumerate(items)
        if not item.fault and item.service in unknown
    ]
    if errors:
        raise Problem(422, "invalid-request", "There are items that nobody offers.", errors)
