"""The HTTP face: body to command, result to body."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import APIRouter

from services.quote.domain.quote import Terms
from services.quote.routes import documents, files, quotes, rates, taxes, versions
from shared.database import Database
from shared.routing import side_by_side


def build(database: Database, terms: Terms, tell: Callable[[], None]) -> APIRouter:
    """Make the routes over a database; `tell` wakes whoever tells of rate cards."""
    return side_by_side(
        # Before the quotes: an id takes any characters, those of `.pdf` too.
        documents.build(database),
        quotes.build(database, terms),
        versions.build(database, terms),
        # Before the paths that name a service.
        files.build(database),
        rates.build(database),
        taxes.build(database, tell),
    )
