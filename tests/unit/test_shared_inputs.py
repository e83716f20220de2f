from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from shared.contracts.common import Duration
from shared.inputs import Line, Paragraph, UtcMoment


def refused_as(kind: Any, value: str) -> str:
    with pytest.raises(ValidationError) as refused:
        TypeAdapter(kind).validate_python(value)
    code: str = refused.value.errors()[0]["type"]
    return code


@pytest.mark.parametrize("text", ["Zoë O'Neill", "日本 中古車", "tab\tbed", "a\u00a0b", "🚗"])
def test_a_line_may_be_in_any_script(text: str) -> None:
    assert TypeAdapter(Line).validate_python(f" {text} ") == text


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n", "\x0b", "\x0c", "\x85", "\u2028", "\u2029"])
def test_a_line_is_one_line(end: str) -> None:
    assert refused_as(Line, f"Ada{end}Bcc: everybody@example.com") == "more-than-a-line"


@pytest.mark.parametrize("character", ["\x00", "\x07", "\x1b", "\x7f"])
@pytest.mark.parametrize("kind", [Line, Paragraph])
def test_no_text_has_control_characters(kind: Any, character: str) -> None:
    assert refused_as(kind, f"a{character}b") == "control-character"


def test_a_paragraph_is_kept_as_it_was_sent() -> None:
    text = "Rattles when cold.\r\n\n\t Ring first. \n"
    assert TypeAdapter(Paragraph).validate_python(text) == text


@pytest.mark.parametrize(
    ("moment", "code"),
    [
        ("2026-12-01T06:00:00", "not-utc"),
        ("2026-12-01T06:00:00+10:00", "not-utc"),
        ("2026-12-01", "not-utc"),
        ("2026-13-01T06:00:00Z", "not-a-time"),
        ("0001-01-01T00:00:00Z", "out-of-range"),
        ("9999-12-31T23:59:59.999999Z", "out-of-range"),
    ],
)
def test_a_moment_is_in_utc_and_of_these_times(moment: str, code: str) -> None:
    assert refused_as(UtcMoment, moment) == code


@pytest.mark.parametrize(
    ("duration", "written"),
    [
        (timedelta(days=365), "P365D"),
        (timedelta(days=800, hours=26, seconds=61.5), "P801DT2H1M1.5S"),
        (timedelta(days=30, seconds=20), "P30DT20S"),
        (timedelta(hours=10), "PT10H"),
        (timedelta(), "PT0S"),
    ],
)
def test_a_duration_is_written_in_days_at_the_most(duration: timedelta, written: str) -> None:
    shown = TypeAdapter(Duration)
    assert shown.dump_json(duration) == f'"{written}"'.encode()
    assert shown.validate_json(f'"{written}"') == duration
