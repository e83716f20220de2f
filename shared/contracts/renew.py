"""Writes each contract's JSON Schema from its model: `python -m shared.contracts.renew`.

A schema that changes shows in the diff: an optional field more, or else a new version.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from shared.contracts.common import Contract
from shared.contracts.registry import CONTRACTS, SCHEMA_BASE

FOLDER = Path(__file__).parent / "schemas"


def schema(contract: type[Contract]) -> dict[str, Any]:
    """Describe a contract's data in JSON Schema, named as `dataschema` names it."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{SCHEMA_BASE}/{contract.__name__}.json",
        **contract.model_json_schema(mode="serialization"),
    }


def renew() -> None:
    """Write all schemas, and remove those of contracts that are gone."""
    written = {
        f"{contract.__name__}.json": json.dumps(schema(contract), indent=2) + "\n"
        for contract in CONTRACTS.values()
    }
    for left in {path.name for path in FOLDER.iterdir()} - written.keys():
        (FOLDER / left).unlink()
    for name, text in written.items():
        (FOLDER / name).write_text(text)


if __name__ == "__main__":
    renew()
