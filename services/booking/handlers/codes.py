"""Codes that stand for something in a link, and can't be guessed."""

from __future__ import annotations

import secrets

CODE_BYTES = 9


def new_code() -> str:
    """Make a code of 72 random bits."""
    return secrets.token_urlsafe(CODE_BYTES)
