"""The languages of mails.

Source of the texts: `locales/NAME.po`, read when a mail first needs them; English is in the
templates.
"""

from __future__ import annotations

from functools import cache
from gettext import NullTranslations
from importlib.resources import files
from io import BytesIO

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations

ENGLISH = "en"


@cache
def translations(language: str) -> NullTranslations:
    """Read a language's texts."""
    if language == ENGLISH:
        return NullTranslations()
    source = files("services.notifier.mail").joinpath(f"locales/{language}.po")
    with source.open("rb") as written:
        catalog = read_po(written, locale=language)
    compiled = BytesIO()
    write_mo(compiled, catalog)
    compiled.seek(0)
    return Translations(compiled)
