"""A quote as a page that runs nothing, loads nothing, and prints well."""

from __future__ import annotations

import base64
import hashlib
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined

from services.quote.documents.paper import Paper

STYLE = files("services.quote.documents").joinpath("templates/quote.css").read_text()
_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
HEADERS = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_HASH}'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
}

_PAGE = Environment(
    loader=PackageLoader("services.quote.documents"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
).get_template("quote.html")


def rendered(paper: Paper) -> bytes:
    """Write a quote as HTML."""
    return _PAGE.render(paper=paper, style=STYLE).encode()
