"""Alembic's entry to the quote service's history."""

from shared.migrations import run

run()
