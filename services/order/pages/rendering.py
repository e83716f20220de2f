"""Renders pages that run nothing, load nothing, and can be framed by nobody."""

from __future__ import annotations

import base64
import hashlib
from importlib.resources import files

from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

from services.order.domain.standing import Stage
from services.order.domain.tax_summary import by_name
from services.order.pages import formats

STYLE = files("services.order.pages").joinpath("templates/style.css").read_text()
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
}


def _environment() -> Environment:
    pages = Environment(
        loader=PackageLoader("services.order.pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    named = (
        formats.money,
        formats.moment,
        formats.day,
        formats.vehicle,
        formats.tax,
        formats.reason,
    )
    pages.filters |= {each.__name__: each for each in named}
    pages.globals |= {"Stage": Stage, "style": STYLE, "taxes_of": by_name}
    return pages


_PAGES = _environment()


def page(name: str, *, status: int = 200, **values: object) -> HTMLResponse:
    """Render a page."""
    return HTMLResponse(_PAGES.get_template(name).render(values), status, HEADERS)


def notice(
    title: str,
    detail: str,
    *,
    status: int = 200,
    again: str | None = None,
    reference: str | None = None,
) -> HTMLResponse:
    """Render a page that says one thing; `again` is where to go on, `reference` what to quote."""
    said = {"title": title, "detail": detail, "again": again, "reference": reference}
    return page("nothing.html", status=status, **said)
