"""What the OpenAPI documents say before anybody calls: who is let in, and what a body takes."""

from __future__ import annotations

import pytest

from conformance.examples import PREPARED
from conformance.operations import OPERATIONS, Operation
from conformance.samples import open_objects
from conformance.walk import CLOSED_BODIES, PUBLIC, SHOWN_TO_PARTNERS


def test_exceptions_are_of_operations_that_there_are() -> None:
    registered = {" ".join(name.split()[:2]) for name in PREPARED}
    assert registered | PUBLIC | SHOWN_TO_PARTNERS <= {str(each) for each in OPERATIONS}


def test_only_these_are_public() -> None:
    assert {str(each) for each in OPERATIONS if each.is_public} == PUBLIC


@pytest.mark.parametrize("operation", CLOSED_BODIES, ids=str)
def test_no_part_of_a_body_takes_unknown_fields(operation: Operation) -> None:
    assert list(open_objects(operation, operation.body_schema)) == []
