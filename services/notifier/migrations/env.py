"""Alembic's entry to the notifier's history."""

from shared.migrations import run

run()
