"""Renders pages that run nothing, load nothing, and can be framed by nobody."""

from __future__ import annotations

import base64
import hashlib
from functools import cache, partial
from importlib.resources import files

from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

from services.order.domain.standing import Stage
from services.order.domain.tax_summary import by_name
from services.order.pages import formats
from services.order.pages.reader import Reader
from services.order.pages.said import Said, of_failure
from shared.languages import N_, translations

PACKAGE = "services.order.pages"
STYLE = files(PACKAGE).joinpath("templates/style.css").read_text()
_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
HEADERS = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_HASH}'; form-action 'self'; "
        "frame-ancestors 'none'; base-uri 'none'"
    ),
    # The address is the capability. `no-referrer` would hide the origin from our own form, too.
    "Referrer-Policy": "same-origin",
    "X-Robots-Tag": "noindex, nofollow",
    "X-Frame-Options": "DENY",
    "Vary": "Accept-Language",
}


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
    in_words = (formats.money, formats.number, formats.moment, formats.day)
    pages.filters |= {each.__name__: partial(each, language=language) for each in in_words}
    pages.filters |= {
        "vehicle": partial(formats.vehicle, unknown=texts.gettext(N_("Your vehicle"))),
        "tax": partial(formats.tax, language=language, unnamed=texts.gettext(N_("Tax"))),
        "failure": of_failure,
    }
    pages.globals |= {"Stage": Stage, "style": STYLE, "taxes_of": by_name}
    return pages


def page(
    name: str, reader: Reader, address: str, *, status: int = 200, **values: object
) -> HTMLResponse:
    """Render a page; `address` is the path at which it is found in other languages."""
    text = (
        _environment(reader.language)
        .get_template(name)
        .render(
            reader=reader,
            address=address,
            languages=reader.in_other_languages(address),
            **values,
        )
    )
    return HTMLResponse(text, status, HEADERS | {"Content-Language": reader.language})


def notice(
    said: Said, reader: Reader, address: str, *, status: int = 200, reference: str | None = None
) -> HTMLResponse:
    """Render a page that says one thing; `reference` is what to quote."""
    return page("nothing.html", reader, address, status=status, said=said, reference=reference)
