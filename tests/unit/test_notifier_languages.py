"""Mails in every language: all is translated, nothing is lost, and values read as they do there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import orjson
import pytest
from babel.messages.pofile import read_po

from services.notifier.domain.brand import LANGUAGES, Brand
from services.notifier.domain.mailing import MAILED, TEXTED
from services.notifier.domain.message import Message
from services.notifier.event_types import catalog
from services.notifier.mail.rendering import Renderer

MAIL = Path("services/notifier/mail")
OTHERS = [each for each in LANGUAGES if each != "en"]
SAID = re.compile(r'_\("((?:[^"\\]|\\.)*)"')
RENDERER = Renderer("https://roadworthy.test/")


def said_in_templates() -> set[str]:
    templates = (MAIL / "templates").iterdir()
    found = {each for path in templates for each in SAID.findall(path.read_text())}
    return {each.replace('\\"', '"') for each in found}


def message(event_type: str, **changes: Any) -> Message:
    data = orjson.loads(orjson.dumps(catalog()[event_type].example)) | changes
    return Message(
        event_id="019b0540-0000-7000-8000-000000000001",
        type=event_type,
        subject="subject",
        sequence=1,
        partner_id="par_1",
        workshop_id=None,
        time=None,  # type: ignore[arg-type]
        data=orjson.dumps(data).decode(),
    )


@pytest.mark.parametrize("language", OTHERS)
def test_everything_that_templates_say_is_translated(language: str) -> None:
    with (MAIL / f"locales/{language}.po").open("rb") as written:
        texts = {str(each.id): str(each.string) for each in read_po(written) if each.id}
    assert said_in_templates() - texts.keys() == set()
    for original, translated in texts.items():
        assert translated
        assert sorted(re.findall(r"%\(\w+\)s", original)) == sorted(
            re.findall(r"%\(\w+\)s", translated)
        )


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("event_type", sorted(MAILED))
def test_each_mail_is_written_in_each_language(event_type: str, language: str) -> None:
    brand = Brand("par_1", name="Harbour & Sons", colour="#123456", language=language)
    made = RENDERER.render(message(event_type), "Dealer One", brand)

    assert made.subject
    assert "None" not in made.text + made.html
    assert "#123456" in made.html
    assert "Harbour &amp; Sons" in made.html
    assert f'lang="{language}"' in made.html
    if language != "en":
        english = RENDERER.render(message(event_type), "Dealer One", Brand("par_1"))
        assert made.subject != english.subject


def test_values_read_as_they_do_in_the_language() -> None:
    german = RENDERER.render(message("service.updated"), None, Brand("par_1", language="de"))

    assert german.subject == "Verzögert: Arbeit an 2019 Honda Accord (ABC123)"
    assert "Gesamt inkl. Steuer: AUD 445,50" in german.text
    assert "Voraussichtlich fertig: Sa. 05. Dez. 2026, 06:00 UTC" in german.text
    assert "Stand: verzögert" in german.text


@pytest.mark.parametrize("event_type", sorted(TEXTED))
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_text_message_is_one_line_and_short(event_type: str, language: str) -> None:
    words = RENDERER.text_message(message(event_type), Brand("par_1", language=language))

    assert words.startswith("Harbour Motors: ")
    assert "\n" not in words
    assert len(words) <= 300


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("event_type", "page"),
    [
        ("quote.created", "https://roadworthy.dev/checkout/quo_"),
        ("invoice.created", "https://roadworthy.test/checkout/invoices/inv_"),
        ("service.updated", "https://roadworthy.test/checkout/orders/ord_"),
    ],
)
def test_the_page_that_a_mail_leads_to_speaks_as_the_mail(
    event_type: str, page: str, language: str
) -> None:
    due = {"pay_url": "/checkout/orders/ord_1"} if event_type == "service.updated" else {}
    made = RENDERER.render(message(event_type, **due), None, Brand("par_1", language=language))

    assert re.search(rf"{re.escape(page)}[^\s?]+\?lang={language}$", made.text, re.MULTILINE)
    assert re.search(rf'href="{re.escape(page)}[^"?]+\?lang={language}"', made.html)
