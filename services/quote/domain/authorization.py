"""Whether a line's work may be done, and whose word that is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Authorization(StrEnum):
    """Where a line stands; one that is declined is not to be paid."""

    OPEN = "open"
    AUTHORIZED = "authorized"
    DECLINED = "declined"


TRANSITIONS: Mapping[Authorization, frozenset[Authorization]] = {
    Authorization.OPEN: frozenset({Authorization.AUTHORIZED, Authorization.DECLINED}),
    Authorization.AUTHORIZED: frozenset(),
    Authorization.DECLINED: frozenset(),
}
"""What was decided stands in its version; a revision can ask again."""


class How(StrEnum):
    """How somebody's word came in."""

    API = "api"
    PHONE = "phone"
    EMAIL = "email"
    IN_PERSON = "in-person"
    PRE_AUTHORIZED = "pre-authorized"
    PAYMENT = "payment"


@dataclass(frozen=True, slots=True)
class Consent:
    """Who decided: the person by name, and the client that said so, in its role."""

    how: How
    at: datetime
    name: str | None = None
    role: str | None = None
    client_id: str | None = None


class Decided(Exception):
    """The line was decided the other way; `allowed` lists what is left."""

    def __init__(self, stands: Authorization, wanted: Authorization) -> None:
        super().__init__(f"A line that is {stands} can't become {wanted}: revise the quote.")
        self.allowed = sorted(TRANSITIONS[stands])
