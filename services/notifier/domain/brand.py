"""How an account's mails look."""

from __future__ import annotations

from dataclasses import dataclass

LANGUAGES = ("en", "de", "es")
COLOUR = "#0b5fff"


@dataclass(frozen=True, slots=True)
class Brand:
    """What is None is as we have it; `texts` says whether customers get text messages."""

    partner_id: str
    name: str | None = None
    colour: str | None = None
    logo_url: str | None = None
    reply_to: str | None = None
    language: str = LANGUAGES[0]
    texts: bool = False
