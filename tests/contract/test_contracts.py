"""What is published: each contract's JSON Schema, and a golden example of each type, committed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from shared.contracts import CONTRACTS
from shared.contracts.common import Contract

FOLDER = Path("shared/contracts")
NAMED = {contract.__name__: contract for contract in CONTRACTS.values()}


def read(kind: str, name: str) -> Any:
    return json.loads((FOLDER / kind / f"{name}.json").read_text())


def test_nothing_is_published_without_schema_and_example() -> None:
    assert {path.stem for path in (FOLDER / "examples").iterdir()} == set(CONTRACTS)
    assert {path.stem for path in (FOLDER / "schemas").iterdir()} == set(NAMED)


@pytest.mark.parametrize("name", sorted(NAMED))
def test_a_contract_is_what_its_schema_says(name: str) -> None:
    """A difference is a new version, unless it is an optional field more."""
    assert NAMED[name].model_json_schema(mode="serialization") == read("schemas", name)


@pytest.mark.parametrize(("event_type", "contract"), sorted(CONTRACTS.items()))
def test_the_example_is_read_and_written_the_same(
    event_type: str, contract: type[Contract]
) -> None:
    example = read("examples", event_type)

    assert json.loads(contract.model_validate(example).model_dump_json()) == example
    Draft202012Validator(read("schemas", contract.__name__)).validate(example)


@pytest.mark.parametrize(("event_type", "contract"), sorted(CONTRACTS.items()))
def test_readers_ignore_what_they_do_not_know(event_type: str, contract: type[Contract]) -> None:
    example = read("examples", event_type)

    assert contract.model_validate(example | {"later": 1}) == contract.model_validate(example)
