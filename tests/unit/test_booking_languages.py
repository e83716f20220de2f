"""The booking page's catalogs against the texts in its templates and code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from services.booking.pages.languages import LANGUAGES, chosen

ROOT = Path("services/booking")
TEXTS = {"_": None, "N_": None, "ngettext": (1, 2)}
PLACEHOLDER = re.compile(r"%\(\w+\)s")
TRANSLATED = sorted(LANGUAGES.keys() - {"en"})


def wanted() -> set[str | tuple[str, ...]]:
    ways = [("pages/templates/**.html", "jinja2.ext:babel_extract"), ("**.py", "python")]
    return {found[2] for found in extract_from_dir(ROOT, ways, keywords=TEXTS)}


def forms(of: str | tuple[str, ...] | list[str]) -> list[str]:
    return [of] if isinstance(of, str) else list(of)


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_catalog_has_every_text_and_no_other(language: str) -> None:
    with (ROOT / f"pages/locales/{language}.po").open("rb") as written:
        catalog: list[Message] = [each for each in read_po(written, locale=language) if each.id]
    texts = {each.id if isinstance(each.id, str) else tuple(each.id) for each in catalog}
    assert texts == wanted()
    for each in catalog:
        assert not each.fuzzy, each.id
        said = forms(each.string)
        assert all(said), each.id
        assert len(said) == len(forms(each.id)), each.id
        for translated in said:
            assert set(PLACEHOLDER.findall(translated)) <= set(
                PLACEHOLDER.findall("".join(forms(each.id)))
            ), each.id
        for placeholder in PLACEHOLDER.findall(forms(each.id)[-1]):
            assert placeholder in said[-1], each.id


def test_the_code_has_texts() -> None:
    assert "What can we do for you?" in wanted()
    assert "Please fill this in." in wanted()


@pytest.mark.parametrize(
    ("asked", "accepted", "language"),
    [
        ("de", "es", "de"),
        (None, "es-MX,es;q=0.9,en;q=0.8", "es"),
        (None, "fr-FR, de;q=0.5, en;q=0.4", "de"),
        (None, "de;q=0", "en"),
        (None, "en;q=0.1, DE-at;q=0.2", "de"),
        ("tlh", None, "en"),
        (None, ",;q=x,*;q=0.5,--", "en"),
        ("../../etc/passwd", "x" * 9000, "en"),
    ],
)
def test_a_visitors_language(asked: str | None, accepted: str | None, language: str) -> None:
    assert chosen(asked, accepted) == language
