"""Alembic's entry to the booking service's history."""

from shared.migrations import run

run()
