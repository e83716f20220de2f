"""What a person offers, with the taxes that are levied where the work is done."""

from __future__ import annotations

from collections.abc import Mapping

from services.quote.domain.pricing import Offer, Untaxed
from services.quote.repository import taxes
from shared.database import Transaction
from shared.problems import FieldError, Problem


async def taxed(
    work: Transaction, offers: Mapping[str, Offer], workshop_id: str | None
) -> dict[str, Offer]:
    """Tax offers, by the pointers to their `tax_rate`; raises a Problem where nothing tells one."""
    levied = await taxes.levied_at(work.connection, workshop_id, work.now) if offers else ()
    made, errors = {}, []
    for pointer, offer in offers.items():
        try:
            made[pointer] = offer.taxed(levied)
        except Untaxed:
            message = "No tax is set for where the work is done: give the tax_rate."
            errors.append(FieldError(pointer, "missing", message))
    if errors:
        raise Problem(422, "invalid-request", "There are prices without a tax.", errors)
    return made
