"""One function for each command, and the reads beside them."""

from __future__ import annotations

from shared.auth import Caller


def account_of(caller: Caller) -> str | None:
    """Name the account whose things a caller may see; None when it may see everyone's."""
    return None if caller.is_operator else caller.partner_id
