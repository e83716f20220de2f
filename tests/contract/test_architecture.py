"""Each import contract holds, and would be seen to be broken."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("roadworthy", "services", "shared")
CONTRACTS = [
    contract["name"]
    for contract in tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"][
        "contracts"
    ]
]

# Where to plant which import, so that the contract of this name is broken.
VIOLATIONS = {
    "The launcher knows": ("shared/planted.py", "import services.quote.main"),
    "Services know one another": ("services/quote/planted.py", "import services.order.main"),
    "The rooms of a service": ("services/order/domain/planted.py", "import services.order.tables"),
    "Domain is pure": ("services/booking/domain/planted.py", "import pydantic"),
    "Contracts stand": ("shared/contracts/planted.py", "import shared.database"),
    "Kafka is reached": ("services/notifier/planted.py", "import aiokafka"),
    "HTTP stays in routes": ("services/quote/repository/planted.py", "import fastapi"),
    "What is published": ("services/quote/outgoing.py", "import sqlalchemy"),
    "Settings are read once": ("services/quote/routes.py", "import services.quote.settings"),
}


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    command = Path(sys.executable).with_name("lint-imports")
    words = [str(command), "--no-cache", "--config", str(ROOT / "pyproject.toml")]
    return subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for package in PACKAGES:
        only_python = shutil.ignore_patterns("__pycache__", "*.json", "*.sql", "*.j2", "*.html")
        shutil.copytree(ROOT / package, tmp_path / package, ignore=only_python)
    return tmp_path


def test_every_contract_holds() -> None:
    found = lint(ROOT)
    assert found.returncode == 0, found.stdout


@pytest.mark.parametrize("name", CONTRACTS)
def test_a_planted_violation_is_found(name: str, copy: Path) -> None:
    planted = [place for begins, place in VIOLATIONS.items() if name.startswith(begins)]
    assert planted, f"VIOLATIONS has nothing that breaks {name!r}: add a line"
    file, line = planted[0]
    with (copy / file).open("a") as module:
        module.write(f"\n{line}\n")
    found = lint(copy)
    assert found.returncode == 1
    broken = " ".join(found.stdout.split())
    assert f"{name} BROKEN" in broken


def test_no_business_noun_stands_in_shared() -> None:
    nouns = ("quote_id", "order_id", "booking_id", "workshop_id", "vehicle", "invoice")
    found = [
        f"{path.relative_to(ROOT)}: {noun}"
        for path in (ROOT / "shared").glob("*.py")
        for noun in nouns
        if noun in path.read_text()
    ]
    assert found == []
