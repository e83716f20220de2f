"""What of a page is still in English."""

from __future__ import annotations

import re
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

from babel.messages.pofile import read_po

PLACEHOLDER = re.compile(r"%\(\w+\)s")


class Texts(HTMLParser):
    """Collects what a page says between its tags."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: set[str] = set()
        self._styles = False
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self._styles = tag == "style"

    def handle_data(self, data: str) -> None:
        if not self._styles:
            self.found.add(data.removesuffix(" \N{EN DASH} Roadworthy").strip())


@cache
def _english(service: str, language: str) -> tuple[re.Pattern[str], frozenset[str]]:
    """Know each text that a language has other words for, whole or between what is filled in."""
    with Path(f"services/{service}/pages/locales/{language}.po").open("rb") as written:
        texts = [(str(each.id), str(each.string)) for each in read_po(written) if each.id]
    own = {part.strip() for _, said in texts for part in PLACEHOLDER.split(said)}
    others = [text for text, said in texts if text != said]
    pieces = {part.strip() for text in others for part in PLACEHOLDER.split(text)} - own
    whole = "|".join(".+".join(map(re.escape, PLACEHOLDER.split(text))) for text in others)
    return re.compile(whole), frozenset(each for each in pieces if re.search("[a-z]{2}", each))


def in_english(page: str, service: str, language: str) -> set[str]:
    """Find what a page says in English though it is to be in another language."""
    whole, pieces = _english(service, language)
    return {each for each in Texts(page).found if each in pieces or whole.fullmatch(each)}
