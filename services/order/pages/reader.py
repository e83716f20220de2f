"""Who reads a page: in which language, and what its addresses take along for that."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Depends, Request

from shared.languages import LANGUAGES, chosen


@dataclass(frozen=True, slots=True)
class Reader:
    """A language; one that an address asked for stays asked for on all pages that follow."""

    language: str
    is_asked_for: bool = False

    def url(self, path: str, **query: str) -> str:
        """Make the address of a page of ours, in the language that was asked for."""
        asked = urlencode(({"lang": self.language} if self.is_asked_for else {}) | query)
        return f"{path}?{asked}" if asked else path

    def in_other_languages(self, path: str) -> list[tuple[str, str, str]]:
        """List the languages, by code and name, with a page's address in each."""
        return [
            (code, name, replace(self, language=code, is_asked_for=True).url(path))
            for code, name in LANGUAGES.items()
        ]


async def _reading(request: Request) -> Reader:
    return reader_of(request)


def reader_of(request: Request) -> Reader:
    """Read which language is asked for, or liked best."""
    asked = request.query_params.get("lang")
    language = chosen(asked, request.headers.get("accept-language"))
    return Reader(language, asked == language)


Reading = Annotated[Reader, Depends(_reading)]
