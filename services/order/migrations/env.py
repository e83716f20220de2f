"""Alembic's entry to the order service's history."""

from shared.migrations import run

run()
