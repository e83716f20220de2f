"""The languages of mails.

Source of the texts: `locales/NAME.po`, read when a mail first needs them; English is in the
templates.
"""

from __future__ import annotations

from functools import cache
from gettext import NullTranslations
from importlib.resources import files
from io import BytesIO

from babel.core import negotiate_locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations

from services.notifier.domain.brand import LANGUAGES
from shared.negotiation import by_liking

ENGLISH = "en"


def read_by(accepted: str | None) -> str:
    """Choose a language by an `Accept-Language` header; English where there is none of its."""
    liked = by_liking(accepted)
    return negotiate_locale(liked, LANGUAGES, sep="-") or ENGLISH


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
