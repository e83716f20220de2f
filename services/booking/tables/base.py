"""What the tables of the booking service have in common."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import CheckConstraint, DateTime, MetaData

metadata = MetaData()

MOMENT = DateTime(timezone=True)


def is_one_of(column: str, values: type[StrEnum]) -> CheckConstraint:
    """Keep a column to the values of an enumeration."""
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})")
