"""Whom an erasure means, what stays of an event, and what its proof shows."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from services.notifier.domain.erasure import chained, hashed, names_one, what_stays

KEYS = ("sam@example.com", "+61412345678", "cus_01kd2m4w7me6sqf8t3v5x2y9za")


@pytest.mark.parametrize(
    ("data", "named"),
    [
        ('{"email": "sam@example.com"}', True),
        ('{"email": "Sam@Example.com"}', True),
        ('{"notes": "Call sam@example.com."}', True),
        ('{"notes": "mailto:sam@example.com?subject=x"}', True),
        ('{"email": "notsam@example.com"}', False),
        ('{"email": "not.sam@example.com"}', False),
        ('{"email": "sam@example.com.au"}', False),
        ('{"phone": "+61412345678"}', True),
        ('{"phone": "+614123456789"}', False),
        ('{"customer_id": "cus_01kd2m4w7me6sqf8t3v5x2y9za"}', True),
        (json.dumps({"notes": ["Call\nsam@example.com\tor\u2028+61412345678"]}), True),
        ('{"sam@example.com": 1}', True),
        ("{}", False),
    ],
)
def test_only_the_whole_key_is_meant(data: str, named: bool) -> None:
    assert names_one(json.loads(data), KEYS) is named


@pytest.mark.parametrize("path", sorted(Path("shared/contracts/examples").glob("*.json")))
def test_nothing_personal_stays_of_any_event(path: Path) -> None:
    data = json.loads(path.read_text())
    kept = json.dumps(what_stays(data))

    personal = ["@", "+61", "Sam", "Alex", "ABC123", "1HGCM", "customer_id", "notes"]
    assert [each for each in personal if each in kept] == []
    assert data.get("id") == json.loads(kept).get("id")
    assert json.loads(kept)["erased"] is True


def test_a_digest_depends_on_each_event_and_their_order() -> None:
    first = chained(chained("", "1", "a"), "2", "b")

    assert first != chained(chained("", "2", "b"), "1", "a")
    assert first != chained(chained("", "1", "a"), "2", "c")


def test_whom_it_was_about_is_shown_by_who_knows_them_alone() -> None:
    proof = hashed(("b", "a"), "era_1")

    assert proof == hashed(("a", "b"), "era_1")
    assert len({proof, hashed(("a",), "era_1"), hashed(("a", "b"), "era_2")}) == 3
    written = hashlib.scrypt(b"a\nb", salt=b"era_1", n=2**14, r=8, p=1, dklen=32)
    assert proof == written.hex()
