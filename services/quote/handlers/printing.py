"""Quotes for people to read."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial

from services.quote.documents import page, paper, pdf
from services.quote.handlers import reading
from shared.auth import Caller
from shared.database import Database
from shared.writing import in_turn

PDF, HTML = "application/pdf", "text/html"


@dataclass(frozen=True, slots=True)
class File:
    """A quote as a file, with what its headers say besides its type."""

    content: bytes
    media_type: str
    name: str
    headers: dict[str, str] = field(default_factory=dict)


async def printed(database: Database, caller: Caller, quote_id: str, media_type: str) -> File:
    """Print a quote; raises a 404 Problem for none of the caller's, or TimeoutError."""
    quote = await reading.read(database, caller, quote_id)
    words = paper.of(quote)
    name = f"{quote.id}-{quote.version}"
    if media_type == PDF:
        content = await in_turn((caller.partner_id,), partial(pdf.written, words))
        return File(content, PDF, f"{name}.pdf")
    return File(page.rendered(words), HTML, f"{name}.html", page.HEADERS)
