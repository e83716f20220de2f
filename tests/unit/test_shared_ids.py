"""Identifiers sort as they were made, and look the same everywhere."""

from __future__ import annotations

import uuid

import pytest
from pydantic import TypeAdapter, ValidationError

from shared.ids import Id, new_event_id, new_id

ID = TypeAdapter(Id)


def test_ids_sort_in_the_order_in_which_they_were_made() -> None:
    for made in ([new_id("quo") for _ in range(2000)], [new_event_id() for _ in range(2000)]):
        assert made == sorted(made)
        assert len(set(made)) == 2000


def test_an_id_is_its_prefix_and_a_uuid_in_base32() -> None:
    made = new_id("quo")
    prefix, _, digits = made.partition("_")
    value = 0
    for digit in digits:
        value = value * 32 + "0123456789abcdefghjkmnpqrstvwxyz".index(digit)
    assert prefix == "quo"
    assert uuid.UUID(int=value).version == 7
    assert ID.validate_python(made) == made


def test_an_event_id_is_a_uuid_as_text() -> None:
    made = uuid.UUID(new_event_id())
    assert made.version == 7
    assert made.variant == uuid.RFC_4122


@pytest.mark.parametrize(
    "text",
    ["", "quo_", "quo-01h455vb4pex5vsknk084sn02q", "QUO_01h455vb4pex5vsknk084sn02q",
     "quo_81h455vb4pex5vsknk084sn02q", "quo_01h455vb4pex5vsknk084sn02",
     "quo_01h455vb4pex5vsknk084sn0il",
     "quo_01h455vb4pex5vsknk084sn02q\n", "quo_01h455vb4pex5vsknk084sn02q'--"],
)  # fmt: skip
def test_what_is_no_id_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        ID.validate_python(text)
