"""The catalogs of the pages on which people book and pay, against what these say."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from services.order.domain.terms import TaxShare
from services.order.pages import formats
from shared.languages import LANGUAGES, chosen
from shared.money import Money

SERVICES = ("booking", "order")
TEXTS = {"_": None, "N_": None, "ngettext": (1, 2)}
PLACEHOLDER = re.compile(r"%\(\w+\)s")
TRANSLATED = sorted(LANGUAGES.keys() - {"en"})
MARKUP = re.compile(r"{#.*?#}|{%.*?%}|{{.*?}}|<style>.*?</style>|<[^>]*>|&\w+;", re.DOTALL)
NAMES = {"Roadworthy"}


def wanted(service: str) -> set[str | tuple[str, ...]]:
    ways = [("pages/templates/**.html", "jinja2.ext:babel_extract"), ("**.py", "python")]
    root = Path("services") / service
    return {found[2] for found in extract_from_dir(root, ways, keywords=TEXTS)}


def forms(of: str | tuple[str, ...] | list[str]) -> list[str]:
    return [of] if isinstance(of, str) else list(of)


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("language", TRANSLATED)
def test_a_catalog_has_every_text_and_no_other(service: str, language: str) -> None:
    with Path(f"services/{service}/pages/locales/{language}.po").open("rb") as written:
        catalog: list[Message] = [each for each in read_po(written, locale=language) if each.id]
    texts = {each.id if isinstance(each.id, str) else tuple(each.id) for each in catalog}
    assert texts == wanted(service)
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


@pytest.mark.parametrize("service", SERVICES)
def test_a_template_says_nothing_that_no_catalog_could_translate(service: str) -> None:
    templates = sorted(Path(f"services/{service}/pages/templates").glob("*.html"))
    assert templates
    for template in templates:
        left = MARKUP.sub(" ", template.read_text())
        assert set(re.findall(r"[^\W\d_]{2,}", left)) <= NAMES, template


def test_the_code_has_texts() -> None:
    assert {"What can we do for you?", "Please fill this in."} <= wanted("booking")
    said = {"Your quote", "Nothing here", "Test card that succeeds", "The card has expired."}
    assert said <= wanted("order")


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


@pytest.mark.parametrize(
    ("language", "money", "yen", "moment", "day", "tax", "unnamed"),
    [
        (
            "en",
            "AUD 1,234.50",
            "JPY 12,345",
            "1 Dec 2026, 06:05 UTC",
            "31 May 2026",
            "GST 8.875%",
            "Tax",
        ),
        (
            "de",
            "1.234,50 AUD",
            "12.345 JPY",
            "1. Dez. 2026, 06:05 UTC",
            "31. Mai 2026",
            "GST 8,875 %",
            "Steuer",
        ),
        (
            "es",
            "1.234,50 AUD",
            "12.345 JPY",
            "1 dic 2026, 6:05 UTC",
            "31 may 2026",
            "GST 8,875 %",
            "Impuestos",
        ),
    ],
)
def test_values_on_a_paying_page_read_as_they_do_in_the_language(
    language: str, money: str, yen: str, moment: str, day: str, tax: str, unnamed: str
) -> None:
    def plain(said: str) -> str:
        return said.replace("\xa0", " ")

    assert plain(formats.money(Money(123450, "AUD"), language)) == money
    assert plain(formats.money(Money(12345, "JPY"), language)) == yen
    assert formats.moment(datetime(2026, 12, 1, 6, 5, tzinfo=UTC), language) == moment
    assert formats.day(date(2026, 5, 31), language) == day
    share = TaxShare("GST", Money(1, "AUD"), Decimal("0.08875"))
    assert plain(formats.tax(share, language)) == tax
    assert formats.tax(TaxShare("Tax", Money(1, "AUD")), language, unnamed) == unnamed
