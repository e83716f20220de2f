"""Alembic's entry to the partner service's history."""

from shared.migrations import run

run()
