"""The HTTP face: body to command, result to body."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import APIRouter

from services.quote.domain.quote import Terms
from services.quote.routes import documents, files, quotes, rates, taxes, versions
from shared.database import Database


def build(database: Database, terms: Terms, tell: Callable[[], None]) -> APIRouter:
    """Make the routes over a database; `tell` wakes whoever tells of rate cards."""
    router = APIRouter()
    # Before the quotes: an id takes any characters, those of `.pdf` too.
    router.include_router(documents.build(database))
    router.include_router(quotes.build(database, terms))
    router.include_router(versions.build(database, terms))
    # Before the paths that name a service.
    router.include_router(files.build(database))
    router.include_router(rates.build(database))
    router.include_router(taxes.build(database, tell))
    return router
