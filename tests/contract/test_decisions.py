"""Decisions are named by number: each has its own, and each that is named is there."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DECISIONS = ROOT / "docs/decisions"
REFERENCE = re.compile(
    r"[Dd]ecisions?[ \n]+(\d+)\b|decisions/(\d{4}-[\w-]+\.md)|\]\((\d{4}-[\w-]+\.md)"
)
KINDS = {".py", ".md", ".sql", ".html", ".j2", ".toml", ".yml"}
FILES = {each.name for each in DECISIONS.glob("*.md")}
NUMBERS = {int(each[:4]) for each in FILES}


def test_no_number_is_used_twice_and_titles_bear_it() -> None:
    counted = Counter(each[:4] for each in FILES)
    assert [number for number, files in counted.items() if files > 1] == []
    for name in FILES:
        title = (DECISIONS / name).read_text().splitlines()[0]
        assert title.startswith(f"# {int(name[:4])}. "), name


def test_every_decision_that_is_named_is_there() -> None:
    rooms = [each for each in ROOT.iterdir() if each.is_dir() and each.name[0] != "."]
    files = [each for room in rooms for each in room.rglob("*")] + list(ROOT.iterdir())
    named = 0
    for file in files:
        if file.suffix not in KINDS or "node_modules" in file.parts:
            continue
        for number, *links in REFERENCE.findall(file.read_text()):
            named += 1
            assert not number or int(number) in NUMBERS, f"{file}: decision {number}"
            assert {*filter(None, links)} <= FILES, f"{file}: {links}"
    assert named > len(FILES) / 2
