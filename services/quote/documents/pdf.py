"""A quote as PDF: tagged for readers who listen, and PDF/A-2a for archives where that can be."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC
from pathlib import Path

import orjson
import structlog
import typst

from services.quote.documents.paper import Paper

TEMPLATE = Path(__file__).with_name("templates") / "quote.typ"
_FONTS = typst.Fonts(include_system_fonts=True)

log = structlog.get_logger(__name__)


def written(paper: Paper) -> bytes:
    """Write a quote; the same one is the same to the byte."""
    at = paper.date.astimezone(UTC).replace(microsecond=0)
    said = asdict(paper) | {"date": {part: getattr(at, part) for part in ("year", "month", "day")}}
    compiler = typst.Compiler(
        TEMPLATE, font_paths=_FONTS, sys_inputs={"paper": orjson.dumps(said).decode()}
    )
    try:
        made = compiler.compile(format="pdf", pdf_standards=["a-2a", "ua-1"], timestamp=at)
    except typst.TypstError as refused:
        # No font here has some letter of a name; an archive's PDF would have to show them all.
        log.warning("document.not_archivable", title=paper.title, error=refused.message[:200])
        made = compiler.compile(format="pdf", timestamp=at)
    if not isinstance(made, bytes):
        raise TypeError("one PDF is one run of bytes")
    return made
