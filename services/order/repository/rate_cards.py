"""Keeps and finds rate cards, as the quote service tells of them."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import TypeAdapter
from sqlalchemy import ARRAY, Text, cast, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.order.domain.rate_card import Card
from services.order.repository import projections
from services.order.tables.rate_cards import rate_cards

_CARD = TypeAdapter(Card)


async def keep(connection: AsyncConnection, card: Card, *, sequence: int) -> None:
    """Keep a card, unless what is kept is newer."""
    row = {
        "id": card.id,
        "sequence": sequence,
        "service": card.service,
        "workshop_id": card.workshop_id,
        "card": _CARD.dump_python(card, mode="json"),
    }
    await projections.keep(connection, rate_cards, row)


async def of_services(
    connection: AsyncConnection, services: Iterable[str], workshop_id: str | None
) -> list[Card]:
    """Load the cards of some services: the general ones, and a workshop's own."""
    asked = cast(sorted(set(services)), ARRAY(Text))
    query = select(rate_cards.c.card).where(
        rate_cards.c.service == func.any(asked),
        or_(rate_cards.c.workshop_id.is_(None), rate_cards.c.workshop_id == workshop_id),
    )
    return [_CARD.validate_python(card) for card in await connection.scalars(query)]
