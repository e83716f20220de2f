"""The languages in which people are written to, and which of them somebody reads.

Source of the texts: `locales/NAME.po` in a package of pages or mails, read when they are first
needed; English is in the code.
"""

from __future__ import annotations

import re
from functools import cache
from gettext import NullTranslations
from importlib.resources import files
from io import BytesIO

LANGUAGES = {"en": "English", "de": "Deutsch", "es": "Español"}
DEFAULT = "en"
MAX_NAMED = 20
_NAMED = re.compile(
    r"\s*([A-Za-z]{1,8})(?:-[A-Za-z0-9-]{1,40})?\s*(?:;\s*q=([01](?:\.\d{0,3})?))?\s*"
)


def N_(text: str) -> str:  # noqa: N802 - gettext's customary name
    """Mark a text for the catalogs: it is translated where it is shown."""
    return text


def chosen(asked: str | None, accepted: str | None) -> str:
    """Choose a language: the one that is asked for, else the best of `Accept-Language`."""
    if asked in LANGUAGES:
        return asked
    weighed: dict[str, float] = {}
    for part in (accepted or "").split(",")[:MAX_NAMED]:
        if (named := _NAMED.fullmatch(part)) and named[1].lower() in LANGUAGES:
            weighed.setdefault(named[1].lower(), float(named[2] or 1))
    best = max(weighed, key=lambda each: weighed[each], default=DEFAULT)
    return best if weighed.get(best) else DEFAULT


@cache
def translations(package: str, language: str) -> NullTranslations:
    """Read a package's texts in a language."""
    if language == DEFAULT:
        return NullTranslations()
    # They take 40 ms to load: a service that starts has nothing to read yet.
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po
    from babel.support import Translations

    with files(package).joinpath(f"locales/{language}.po").open("rb") as written:
        catalog = read_po(written, locale=language)
    compiled = BytesIO()
    write_mo(compiled, catalog)
    compiled.seek(0)
    return Translations(compiled)
