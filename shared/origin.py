"""Forms come from our own pages, or from no browser at all."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Header

from shared.problems import Problem

FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


async def own_form(
    host: Annotated[str, Header()],
    content_type: Annotated[str, Header()] = "",
    origin: Annotated[str | None, Header(max_length=300)] = None,
    sec_fetch_site: Annotated[str | None, Header(max_length=50)] = None,
) -> None:
    """Refuse what is no form, or another site's page sends; browsers name its origin."""
    if sec_fetch_site is not None:
        own = sec_fetch_site in {"same-origin", "none"}
    else:
        own = origin is None or urlsplit(origin).netloc == host
    if not own:
        raise Problem(403, "foreign-origin", "This form belongs to a page of ours.")
    if content_type.partition(";")[0].strip().lower() not in FORMS:
        raise Problem(415, "unsupported-media-type", f"Send a form: {' or '.join(FORMS)}.")
