"""How a language writes dates and money where a workshop is."""

from __future__ import annotations

from functools import cache

from babel import Locale, UnknownLocaleError


@cache
def locale(language: str, country: str) -> Locale:
    """Return the language's locale in a country, if that is known."""
    try:
        return Locale.parse(f"{language}_{country}")
    except (UnknownLocaleError, ValueError):
        return Locale.parse(language)
