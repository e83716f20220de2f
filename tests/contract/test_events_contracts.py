"""What is published: each contract's JSON Schema, and a golden example of each type, committed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from shared.contracts import CONTRACTS, TOPICS, dataschema, topic_of
from shared.contracts.common import Contract
from shared.contracts.renew import renew, schema

FOLDER = Path("shared/contracts")
NAMED = {contract.__name__: contract for contract in CONTRACTS.values()}
RENEW = "the schemas aren't those of the models; renew them by: python -m shared.contracts.renew"

each_type = pytest.mark.parametrize(("event_type", "contract"), sorted(CONTRACTS.items()))


def read(kind: str, name: str) -> Any:
    return json.loads((FOLDER / kind / f"{name}.json").read_text())


def test_nothing_is_published_without_schema_and_example() -> None:
    assert {path.stem for path in (FOLDER / "examples").iterdir()} == set(CONTRACTS)
    assert {path.stem for path in (FOLDER / "schemas").iterdir()} == set(NAMED), RENEW


@pytest.mark.parametrize("name", sorted(NAMED))
def test_a_contract_is_what_its_schema_says(name: str) -> None:
    """A difference is a new version, unless it is an optional field more."""
    assert read("schemas", name) == schema(NAMED[name]), RENEW
    Draft202012Validator.check_schema(read("schemas", name))


def test_renewing_writes_what_is_missing_and_removes_what_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.contracts.renew.FOLDER", tmp_path)
    (tmp_path / "GoneV1.json").touch()
    renew()
    committed = {path.name: path.read_text() for path in (FOLDER / "schemas").iterdir()}
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == committed


@each_type
def test_the_example_is_read_and_written_the_same(
    event_type: str, contract: type[Contract]
) -> None:
    example = read("examples", event_type)
    assert json.loads(contract.model_validate(example).model_dump_json()) == example
    described = read("schemas", contract.__name__)
    Draft202012Validator(described, format_checker=FormatChecker()).validate(example)
    assert described["$id"] == dataschema(event_type)


@each_type
def test_readers_ignore_what_they_do_not_know(event_type: str, contract: type[Contract]) -> None:
    example = read("examples", event_type)
    assert contract.model_validate(example | {"later": 1}) == contract.model_validate(example)


@each_type
def test_an_example_is_about_its_type(event_type: str, contract: type[Contract]) -> None:
    """Its status, where it has one, is one that the type can be told with."""
    example = read("examples", event_type)
    assert example["partner_id"] if "partner_id" in contract.model_fields else example["id"]
    status = example.get("status")
    assert status is None or status in STATUS.get(event_type, {status})


STATUS = {
    "quote.declined": {"declined"},
    "quote.expired": {"expired"},
    "quote.ordered": {"ordered"},
    "service.created": {"pending"},
    "service.completed": {"completed"},
    "payment.succeeded": {"succeeded"},
    "payment.failed": {"failed"},
    "payment.refunded": {"refunded", "partially-refunded"},
    "deal.created": {"open"},
    "deal.closed": {"closed"},
    "invoice.paid": {"paid"},
    "booking.created": {"pending"},
    "booking.cancelled": {"cancelled"},
    "booking.completed": {"done"},
}


def test_each_type_travels_on_one_topic() -> None:
    types = [event_type for topic in TOPICS.values() for event_type in topic]
    assert len(types) == len(set(types)) == len(CONTRACTS)
    assert all(event_type in TOPICS[topic_of(event_type)] for event_type in types)
