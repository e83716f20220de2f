"""Renders pages that run nothing and load nothing; who may frame them, the workshop says."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from urllib.parse import urlencode

from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

from services.booking.domain.workshop import Workshop
from services.booking.pages import icons
from services.booking.pages.formats import Formats
from services.booking.pages.languages import locale
from shared.languages import LANGUAGES, translations

PACKAGE = "services.booking.pages"
STYLE = files(PACKAGE).joinpath("templates/style.css").read_text()
_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()

Query = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Carried:
    """What each address takes along: language, frame, and the link or code somebody came by."""

    workshop_id: str
    language: str
    is_asked_for: bool = False
    embedded: bool = False
    link: str | None = None
    code: str | None = None

    @property
    def query(self) -> list[tuple[str, str]]:
        """Write it as it stands in an address."""
        given = {
            "lang": self.language if self.is_asked_for else None,
            "embed": "1" if self.embedded else None,
            "link": self.link,
            "code": self.code,
        }
        return [(name, value) for name, value in given.items() if value]

    def url(self, step: str = "", query: Query = ()) -> str:
        """Make an address of the page."""
        asked = urlencode([*self.query, *query])
        path = f"/book/{self.workshop_id}" + (f"/{step}" if step else "")
        return f"{path}?{asked}" if asked else path

    def in_other_languages(self, step: str, query: Query) -> list[tuple[str, str, str]]:
        """List the languages, by code and name, with this page's address in each."""
        return [
            (code, name, replace(self, language=code, is_asked_for=True).url(step, query))
            for code, name in LANGUAGES.items()
        ]


def headers(workshop: Workshop | None, *, embedded: bool) -> dict[str, str]:
    """Say what a page may do; it can be framed by the workshop's sites if it is to be embedded."""
    nobody = "'none'"
    sites = workshop.profile.embed_origins if workshop and embedded else ()
    return {
        "Content-Security-Policy": (
            f"default-src 'none'; style-src 'sha256-{_HASH}'; form-action 'self'; "
            f"frame-ancestors {' '.join(sites) or nobody}; base-uri 'none'"
        ),
        # The address is the capability. `no-referrer` would hide the origin from our own form, too.
        "Referrer-Policy": "same-origin",
        "X-Robots-Tag": "noindex, nofollow",
        "Vary": "Accept-Language",
    } | ({} if sites else {"X-Frame-Options": "DENY"})


@cache
def _environment(language: str) -> Environment:
    pages = Environment(
        loader=PackageLoader(PACKAGE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    texts = translations(PACKAGE, language)
    pages.install_gettext_translations(texts, newstyle=True)  # type: ignore[attr-defined] # the extension's
    pages.globals |= {"style": STYLE, "icons": icons}
    return pages


def page(
    name: str,
    carried: Carried,
    workshop: Workshop | None,
    *,
    here: tuple[str, Query] = ("", ()),
    status: int = 200,
    **values: object,
) -> HTMLResponse:
    """Render a page; `here` is the step and query at which it is found in other languages."""
    if workshop is not None:
        spoken = locale(carried.language, workshop.profile.country)
        values["formats"] = Formats(spoken, workshop.zone)
    text = (
        _environment(carried.language)
        .get_template(f"{name}.html")
        .render(
            carried=carried,
            workshop=workshop,
            languages=carried.in_other_languages(*here),
            **values,
        )
    )
    may = headers(workshop, embedded=carried.embedded)
    return HTMLResponse(text, status, may | {"Content-Language": carried.language})
