"""The HTTP face: body to command, result to body."""

from __future__ import annotations

from fastapi import APIRouter

from services.quote.domain.quote import Terms
from services.quote.routes import quotes, rates, versions
from shared.database import Database


def build(database: Database, terms: Terms) -> APIRouter:
    """Make the routes over a database."""
    router = APIRouter()
    router.include_router(quotes.build(database, terms))
    router.include_router(versions.build(database, terms))
    router.include_router(rates.build(database))
    return router
