"""An account: a partner, a workshop's owner or an operator."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum


class Role(StrEnum):
    """What an account may act as; the scopes that its clients' tokens can have."""

    PARTNER = "partner"
    WORKSHOP = "workshop"
    OPERATOR = "operator"


class AccountEvent(StrEnum):
    """What is said of an account."""

    CREATED = "partner.created"
    UPDATED = "partner.updated"


@dataclass(frozen=True, slots=True)
class Account:
    """An account as it stands; an inactive one gets no tokens."""

    id: str
    name: str
    email: str
    roles: frozenset[Role]
    created_at: datetime
    active: bool = True
    sequence: int = 1


@dataclass(frozen=True, slots=True)
class ApiClient:
    """A client as anyone may see it: without its secret."""

    id: str
    partner_id: str
    description: str | None
    created_at: datetime
    revoked_at: datetime | None


def change(
    account: Account, *, name: str | None, email: str | None, active: bool | None
) -> Account | None:
    """Apply what is given; None when that changes nothing."""
    changed = replace(
        account,
        name=account.name if name is None else name,
        email=account.email if email is None else email,
        active=account.active if active is None else active,
    )
    return None if changed == account else replace(changed, sequence=account.sequence + 1)


class ScopeRefused(Exception):
    """A scope was asked for that the account's roles, or the first token, don't have."""


def narrowed(granted: frozenset[Role], asked: str | None) -> frozenset[Role]:
    """Grant what is asked for, or everything; raises ScopeRefused for more than there is."""
    if asked is None:
        return granted
    words = frozenset(asked.split())
    if not words or not words <= granted:
        raise ScopeRefused(f"only {' '.join(sorted(granted))} can be had")
    return frozenset(Role(word) for word in words)
