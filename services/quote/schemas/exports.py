"""Writes rate cards as a file that can be imported again, and is then the same."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from datetime import datetime

from services.quote.domain.card import RateCard
from services.quote.domain.rate_card import Rate
from services.quote.outgoing.values import plain
from services.quote.schemas.cells import COLUMNS, disarm


def write(cards: Iterable[RateCard]) -> str:
    """Write cards, one row a rate."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for card in cards:
        writer.writerows([disarm(cell) for cell in _cells(rate)] for rate in card.rates)
    return text.getvalue()


def _cells(rate: Rate) -> tuple[str, ...]:
    return (
        rate.service,
        rate.workshop_id or "",
        rate.title,
        rate.rounding,
        rate.vehicle_class,
        f"{rate.labour_hours:.2f}",
        plain(rate.hourly_rate),
        plain(rate.parts),
        plain(rate.sublet),
        plain(rate.fees),
        plain(rate.discount),
        rate.hourly_rate.currency,
        f"{rate.tax_rate:f}",
        str(rate.own_tax).lower(),
        str(rate.by_person).lower(),
        _moment(rate.valid_from),
        _moment(rate.valid_until),
    )


def _moment(moment: datetime | None) -> str:
    return moment.isoformat().replace("+00:00", "Z") if moment else ""
