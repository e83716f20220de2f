"""Refresh tokens: each is used once, and its reuse kills all that came of the same login.

Source: RFC 9700, 4.14.2. A token that comes twice was stolen, and nobody can tell from whom.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Verdict(StrEnum):
    """What becomes of a refresh token that is presented."""

    ROTATE = "rotate"
    REUSED = "reused"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class Presented:
    """A refresh token as it is stored, and the family that it belongs to."""

    used: bool
    family_revoked: bool
    family_expires_at: datetime
    client_active: bool


def judge(token: Presented, now: datetime) -> Verdict:
    """Judge a presented token; `REUSED` asks for the family to be revoked."""
    if token.family_revoked or not token.client_active:
        return Verdict.DEAD
    if token.used:
        return Verdict.REUSED
    return Verdict.ROTATE if now < token.family_expires_at else Verdict.DEAD
