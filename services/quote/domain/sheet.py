"""Rate cards as they come in by a file: what can be taken over, and which rows can't."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from services.quote.domain import card
from services.quote.domain.rate_card import Rate

Place = tuple[str, str | None]
"""A card's service, and its workshop unless it is a general one."""


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a row isn't taken over; `line` counts the file's from 1, its heading."""

    line: int
    column: str | None
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Row:
    """A rate, and the line where it stands."""

    line: int
    rate: Rate


class Outcome(StrEnum):
    """What becomes of a card."""

    CREATED = "created"
    REPLACED = "replaced"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file's rows by their cards, with what was refused of it; `refused_of` is by card."""

    rows: int
    cards: dict[Place, list[Row]] = field(default_factory=dict)
    refused: list[Refused] = field(default_factory=list)
    refused_of: set[Place] = field(default_factory=set)

    def refuse(self, place: Place, refused: Iterable[Refused]) -> None:
        """Refuse rows of a card: a card is taken over whole, or stays as it was."""
        for each in refused:
            self.refused.append(each)
            self.refused_of.add(place)

    def good(self) -> dict[Place, Sequence[Rate]]:
        """Return the cards of which no row is refused, in an order that is always the same."""
        return {
            place: [row.rate for row in self.cards[place]]
            for place in sorted(self.cards, key=lambda place: (place[0], place[1] or ""))
            if place not in self.refused_of
        }


def check(sheet: Sheet, most: int) -> None:
    """Refuse rows that don't go together with the others of their card; `most` is how many may."""
    for place, rows in sheet.cards.items():
        sheet.refuse(place, _differing(rows))
        if len(rows) > most:
            message = f"A card has {most} rates at the most."
            sheet.refuse(place, [Refused(rows[most].line, None, "too-many-rates", message)])
        if overlap := card.overlapping([row.rate for row in rows]):
            one, other = sorted(rows[number].line for number in overlap)
            message = f"It overlaps line {one}: a class of vehicle has one rate at a time."
            sheet.refuse(place, [Refused(other, "valid_from", "overlapping-rates", message)])


def _differing(rows: Sequence[Row]) -> Iterable[Refused]:
    first = rows[0]
    for row in rows[1:]:
        for column, one, other in (
            ("title", first.rate.title, row.rate.title),
            ("rounding", first.rate.rounding, row.rate.rounding),
            ("currency", first.rate.parts.currency, row.rate.parts.currency),
        ):
            if one != other:
                message = f"All rows of a card have one {column}; line {first.line} has {one}."
                yield Refused(row.line, column, "differs-from-card", message)
