"""Reads rate cards from a file: RFC 4180, UTF-8, amounts in whole units as `145.00`."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError
from pydantic_core import PydanticCustomError

from services.quote.domain import sheet as domain
from services.quote.domain.rate_card import Rate
from services.quote.domain.sheet import Refused, Row, Sheet
from services.quote.schemas.cells import AMOUNTS, COLUMNS, REQUIRED, minor_units, rearm
from services.quote.schemas.rates import MAX_RATES, RateInput
from services.quote.schemas.values import ServiceCode
from shared.ids import Id
from shared.inputs import Line
from shared.money import Rounding
from shared.problems import FieldError, Problem

MAX_ROWS = 2000


class RateRow(RateInput):
    """A row: a rate, and the card that it belongs to."""

    service: ServiceCode
    workshop_id: Id | None = None
    title: Line
    rounding: Rounding = Rounding.HALF_UP

    def as_rate(self) -> Rate:
        """Read it as the domain knows it."""
        return self.rate(self.service, self.workshop_id, self.title, self.rounding)


def read(body: bytes) -> Sheet:
    """Read a file; raises a Problem when it isn't one of rate cards at all."""
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        detail = f"The file isn't UTF-8, from byte {error.start} on."
        raise Problem(422, "not-utf-8", detail) from error
    records = _records(text)
    _, heading = next(records, (1, []))
    _check_heading([name.strip() for name in heading])
    return _sheet([name.strip() for name in heading], records)


def _records(text: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    line = 1
    try:
        for record in reader:
            if any(record):
                yield line, record
            line = reader.line_num + 1
    except csv.Error as error:
        detail = f"The file is no CSV at line {line}: {error}."
        raise Problem(422, "malformed-csv", detail) from error


def _check_heading(heading: list[str]) -> None:
    wrong = {
        "missing-column": REQUIRED - set(heading),
        "unknown-column": set(heading) - set(COLUMNS),
        "repeated-column": {name for name, times in Counter(heading).items() if times > 1},
    }
    errors = [
        FieldError(f"/1/{name[:40]}", code, f"The columns are: {', '.join(COLUMNS)}.")
        for code, names in wrong.items()
        for name in sorted(names)
    ]
    if errors:
        detail = "The file's first line doesn't name the columns of a rate card."
        raise Problem(422, "wrong-columns", detail, errors[: len(COLUMNS)])


def _sheet(heading: list[str], records: Iterator[tuple[int, list[str]]]) -> Sheet:
    listed: list[tuple[int, list[str]]] = []
    for numbered in records:
        listed.append(numbered)
        if len(listed) > MAX_ROWS:
            detail = f"A file has {MAX_ROWS} rows at the most."
            raise Problem(422, "too-many-rows", detail)
    sheet = Sheet(len(listed))
    for line, record in listed:
        cells = dict(zip(heading, map(rearm, record), strict=False))
        place = (cells.get("service", ""), cells.get("workshop_id") or None)
        if len(record) != len(heading):
            message = f"The row has {len(record)} cells, the heading {len(heading)}."
            sheet.refuse(place, [Refused(line, None, "wrong-number-of-cells", message)])
            continue
        try:
            rate = _row(cells).as_rate()
        except ValidationError as error:
            sheet.refuse(place, _refused(line, error))
        else:
            sheet.cards.setdefault(place, []).append(Row(line, rate))
    domain.check(sheet, MAX_RATES)
    return sheet


def _row(cells: dict[str, str]) -> RateRow:
    given: dict[str, Any] = {name: cell for name, cell in cells.items() if cell}
    currency = given.pop("currency", "")
    wrong = []
    for name in AMOUNTS:
        if name in given:
            try:
                given[name] = {"amount": minor_units(given[name], currency), "currency": currency}
            except PydanticCustomError as error:
                wrong.append({"type": error, "loc": (name,), "input": given[name]})
    if wrong:
        raise ValidationError.from_exception_data("RateRow", wrong)  # type: ignore[arg-type]
    return RateRow.model_validate(given)


def _refused(line: int, error: ValidationError) -> Iterator[Refused]:
    for each in error.errors(include_url=False, include_context=False):
        column = "currency" if each["loc"][-1] == "currency" else str(each["loc"][0])
        code = each["type"].replace("_", "-").replace(".", "-")
        yield Refused(line, column, code, each["msg"])
