"""Rate cards in a file: the same when they come back, and no formula in any cell."""

from __future__ import annotations

import csv
import io
import time
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.rates import card_of, rate, rates
from services.quote.domain.rate_card import Rate
from services.quote.domain.vehicle import VehicleClass
from services.quote.schemas import exports, imports
from services.quote.schemas.cells import COLUMNS, disarm, rearm
from shared.ids import new_id
from shared.money import Money, Rounding
from shared.problems import Problem

titles = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Zl", "Zp", "Cs")), min_size=1
).filter(lambda title: title == title.strip() and len(title) <= 200)
moments = st.none() | st.integers(0, 4 * 10**15).map(
    lambda microseconds: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)
)
HEADING = "service,title,vehicle_class,labour_hours,hourly_rate,parts,currency,tax_rate"
FORMULAS = "=+-@\t\r\n\uff1d\uff0b\uff0d\uff20"
GOOD = "paint,Paint,any,1.50,145.00,20.00,AUD,0.10"


@st.composite
def rows(draw: st.DrawFn) -> Rate:
    """Draw a rate with all that a file can say of it."""
    drawn = draw(rates(rounding=draw(st.sampled_from(Rounding))))
    starts, ends = draw(moments), draw(moments)
    if starts and ends and ends <= starts:
        ends = None
    return rate(
        **{name: getattr(drawn, name) for name in ("labour_hours", "hourly_rate", "tax_rate")},
        **{name: getattr(drawn, name) for name in ("parts", "sublet", "fees", "discount")},
        rounding=drawn.rounding,
        title=draw(titles),
        vehicle_class=draw(st.sampled_from(VehicleClass)),
        workshop_id=draw(st.none() | st.just(new_id("wks"))),
        own_tax=draw(st.booleans()),
        by_person=draw(st.booleans()),
        valid_from=starts,
        valid_until=ends,
    )


@given(rows())
def test_what_is_written_is_read_back_the_same(each: Rate) -> None:
    text = exports.write([card_of(each)])
    sheet = imports.read(text.encode())
    assert sheet.refused == []
    [[row]] = sheet.cards.values()
    assert row.rate == each
    assert exports.write([card_of(row.rate)]) == text


@given(titles | st.sampled_from("=+-@").flatmap(lambda sign: titles.map(sign.__add__)))
def test_no_cell_is_a_formula(title: str) -> None:
    text = exports.write([card_of(rate(title=title))])
    cells = [cell for record in csv.reader(io.StringIO(text)) for cell in record]
    assert not [
        cell for cell in cells if cell[:1] in set("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20") - {""}
    ]
    assert rearm(disarm(title)) == title


@pytest.mark.parametrize("title", ["=1+1", "'=1+1", "''@x", "'78 restoration", "-", "'"])
def test_an_apostrophe_of_ones_own_stays(title: str) -> None:
    assert rearm(disarm(title)) == title


@pytest.mark.seed(63)
@pytest.mark.parametrize(
    ("row", "column", "code"),
    [
        ("Paint,Paint,any,1.50,145.00,20.00,AUD,0.10", "service", "string-pattern-mismatch"),
        ("export,Paint,any,1.50,145.00,20.00,AUD,0.10", "service", "reserved-name"),
        ("paint,,any,1.50,145.00,20.00,AUD,0.10", "title", "missing"),
        ("paint,Paint,hovercraft,1.50,145.00,20.00,AUD,0.10", "vehicle_class", "enum"),
        ("paint,Paint,any,an hour,145.00,20.00,AUD,0.10", "labour_hours", "decimal-parsing"),
        ("paint,Paint,any,-1,145.00,20.00,AUD,0.10", "labour_hours", "greater-than-equal"),
        ("paint,Paint,any,1.50,$145,20.00,AUD,0.10", "hourly_rate", "not-an-amount"),
        ("paint,Paint,any,1.50,145.00,20.005,AUD,0.10", "parts", "too-precise"),
        ("paint,Paint,any,1.50,145.00,20.00,dollars,0.10", "currency", "string-pattern-mismatch"),
        ("paint,Paint,any,1.50,145.00,20.00,AUD,10%", "tax_rate", "decimal-parsing"),
        ("paint,Paint,any,1.50,145.00,20.00,AUD", None, "wrong-number-of-cells"),
        ("paint,Other,van,1.50,145.00,20.00,AUD,0.10", "title", "differs-from-card"),
        ("paint,Paint,van,1.50,145.00,20.00,NZD,0.10", "currency", "differs-from-card"),
        ("paint,Paint,any,9.50,145.00,20.00,AUD,0.10", "valid_from", "overlapping-rates"),
    ],
)
def test_a_refused_row_is_told_by_line_and_column(row: str, column: str | None, code: str) -> None:
    sheet = imports.read(f"{HEADING}\r\n{GOOD}\r\n\r\n{row}\r\n".encode())
    assert (4, column, code) in [(each.line, each.column, each.code) for each in sheet.refused]
    assert {each.line for each in sheet.refused} == {4}
    assert ("paint", None) not in sheet.good() or row.split(",")[0] != "paint"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "wrong-columns"),
        (b"service,title\r\n", "wrong-columns"),
        (f"{HEADING},colour\r\n".encode(), "wrong-columns"),
        (f"{HEADING},title\r\n".encode(), "wrong-columns"),
        (f'{HEADING}\r\n"paint'.encode(), "malformed-csv"),
        (b"\xff\xfe", "not-utf-8"),
        ("\r\n".join([HEADING, *[GOOD] * 2001]).encode(), "too-many-rows"),
    ],
)
def test_what_is_no_file_of_rates_is_refused(content: bytes, code: str) -> None:
    with pytest.raises(Problem) as refused:
        imports.read(content)
    assert refused.value.code == code


def test_a_spreadsheets_mark_of_utf_8_is_no_part_of_the_first_column() -> None:
    sheet = imports.read(f"\ufeff{HEADING}\n{GOOD}\n".encode())
    assert (sheet.rows, sheet.refused) == (1, [])


def test_yen_have_no_cents() -> None:
    yen = {name: Money(1500, "JPY") for name in ("hourly_rate", "parts", "sublet", "fees")}
    text = exports.write([card_of(rate(**yen, discount=Money(0, "JPY")))])
    assert ",1500,1500,1500,1500,0,JPY," in text
    assert len(text.splitlines()[0].split(",")) == len(COLUMNS)


def test_dinars_have_cents_though_nobody_uses_them() -> None:
    """CLDR has none; so 145.00 came in as 145 minor units, of which a provider takes 1.45."""
    dinars = GOOD.replace("AUD", "RSD")
    [[row]] = imports.read(f"{HEADING}\n{dinars}\n".encode()).cards.values()
    assert row.rate.hourly_rate == Money(14500, "RSD")
    assert ",145.00,20.00," in exports.write([card_of(row.rate)])


def test_a_heading_of_very_many_names_is_refused_at_once() -> None:
    """Each name was compared with every other: half a minute in which nobody else was answered."""
    heading = ",".join(f"{number:x}" for number in range(20_000))
    begun = time.process_time()
    with pytest.raises(Problem) as refused:
        imports.read(heading.encode())
    assert time.process_time() - begun < 1
    assert refused.value.code == "wrong-columns"
    assert {each.code for each in refused.value.errors} <= {"missing-column", "unknown-column"}
