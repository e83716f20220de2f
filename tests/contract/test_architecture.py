"""Who may import whom: each contract holds, and is seen to be broken when it is."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import sys
import tokenize
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

# A contract, by how its name begins; a module, and what it must not import. The newcomer is a
# service that nobody wrote yet: the contracts must hold it as well.
VIOLATIONS = [
    ("The launcher", "shared.planted", "services.quote.tables"),
    ("The launcher", "services.quote.planted", "roadworthy.single"),
    ("Services know", "services.quote.planted", "services.order.tables"),
    ("Services know", "services.newcomer.handlers", "services.quote.tables"),
    ("The rooms", "services.order.domain.planted", "services.order.tables"),
    ("The rooms", "services.order.tables", "services.order.repository"),
    ("The rooms", "services.order.repository.planted", "services.order.outgoing"),
    ("The rooms", "services.quote.outgoing", "services.quote.handlers"),
    ("The rooms", "services.quote.handlers", "services.quote.schemas"),
    ("The rooms", "services.quote.schemas", "services.quote.routes"),
    ("The rooms", "services.quote.routes", "services.quote.consumers"),
    ("The rooms", "services.quote.consumers", "services.quote.main"),
    ("The rooms", "services.newcomer.repository.planted", "services.newcomer.handlers"),
    ("Nothing is in a circle", "shared.clock", "shared.service"),
    ("Domain is pure", "services.booking.domain.planted", "pydantic"),
    ("Domain is pure", "services.quote.domain.planted", "sqlalchemy"),
    ("Domain is pure", "services.quote.domain.planted", "structlog"),
    ("Domain is pure", "services.quote.domain.planted", "time"),
    ("Domain is pure", "services.quote.domain.planted", "shared.contracts.quote"),
    ("Domain is pure", "services.newcomer.domain.planted", "shared.clock"),
    ("Tables know", "services.quote.tables", "shared.contracts.quote"),
    ("Repositories", "services.order.repository.planted", "shared.database"),
    ("What is published", "services.quote.outgoing", "sqlalchemy"),
    ("HTTP stays", "services.quote.repository.planted", "fastapi"),
    ("HTTP stays", "services.newcomer.handlers", "starlette"),
    ("A Kafka client", "services.notifier.planted", "aiokafka"),
    ("A Kafka client", "shared.worker", "faststream"),
    ("Only consumers", "services.quote.handlers", "shared.kafka"),
    ("Only consumers", "services.newcomer.routes", "shared.relay"),
    ("Only a transaction", "services.quote.handlers", "shared.outbox"),
    ("Settings", "services.quote.routes", "services.quote.settings"),
    ("Settings", "services.newcomer.handlers", "services.newcomer.settings"),
    ("Contracts stand", "shared.contracts.planted", "shared.money"),
]


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    command = Path(sys.executable).with_name("lint-imports")
    words = [str(command), "--no-cache", "--config", str(ROOT / "pyproject.toml")]
    return subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("copy")
    only_python = shutil.ignore_patterns("__pycache__", "*.json", "*.sql", "*.j2", "*.html")
    for package in PACKAGES:
        shutil.copytree(ROOT / package, folder / package, ignore=only_python)
    newcomer = folder / "services" / "newcomer"
    shutil.copytree(ROOT / "services" / "quote", newcomer, ignore=only_python)
    for module in newcomer.rglob("*.py"):
        module.write_text(module.read_text().replace("services.quote", "services.newcomer"))
    return folder


@pytest.fixture(scope="module")
def broken(copy: Path) -> dict[str, str]:
    """Plant all violations at once, and return what was found against each contract."""
    before = lint(copy)
    assert before.returncode == 0, before.stdout  # a service in the very same rooms is welcome
    for _, importer, imported in VIOLATIONS:
        room = copy / importer.replace(".", "/")
        path = room / "__init__.py" if room.is_dir() else room.with_suffix(".py")
        with path.open("a") as module:
            module.write(f"\nimport {imported}\n")
    _, _, report = lint(copy).stdout.partition("Broken contracts\n")
    sections = re.split(r"^(.+)\n-{5,}$", report, flags=re.MULTILINE)[1:]
    return dict(zip(sections[::2], sections[1::2], strict=True))


def test_every_contract_holds() -> None:
    found = lint(ROOT)
    assert found.returncode == 0, found.stdout


@pytest.mark.parametrize(("begins", "importer", "imported"), VIOLATIONS)
def test_a_planted_violation_is_found(
    begins: str, importer: str, imported: str, broken: dict[str, str]
) -> None:
    [found] = [found for name, found in broken.items() if name.startswith(begins)]
    # Circles are told by siblings' names.
    siblings = f".{importer.split('.')[1]} -> .{imported.split('.')[1]} " if "." in imported else ""
    assert f"{importer} -> {imported} (" in found or (siblings and siblings in found)


def test_every_contract_has_something_planted_against_it() -> None:
    planted = tuple(begins for begins, _, _ in VIOLATIONS)
    assert [name for name in CONTRACTS if not name.startswith(planted)] == []


def test_no_business_noun_stands_in_shared() -> None:
    """Workshop is a role there, as partner is."""
    nouns = {"quote", "order", "booking", "deal", "invoice", "payment", "reminder", "vehicle"}
    names = {
        f"{path.name}: {token.string}"
        for path in (ROOT / "shared").glob("*.py")
        for token in tokenize.generate_tokens(io.StringIO(path.read_text()).readline)
        if token.type == tokenize.NAME
        and {word.rstrip("s") for word in token.string.lower().split("_")} & nouns
    }
    assert names == set()


def test_no_domain_looks_at_a_clock() -> None:
    looks = re.compile(r"\.(now|utcnow|today|monotonic)\(")
    domains = sorted((ROOT / "services").glob("*/domain/**/*.py"))
    assert domains
    assert [str(path) for path in domains if looks.search(path.read_text())] == []
