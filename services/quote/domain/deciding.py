"""Deciding of a quote's lines, one by one."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from services.quote.domain.authorization import TRANSITIONS, Authorization, Consent, Decided, How
from services.quote.domain.lifecycle import Action, QuoteEvent
from services.quote.domain.quote import Quote, act

NONE_LEFT = "Every line was declined."


def decide(
    quote: Quote, item_id: str, wanted: Authorization, consent: Consent
) -> tuple[Quote, QuoteEvent] | None:
    """Authorise or decline a line; None when that was decided before.

    A quote of which nothing is left is declined. Raises NotAllowed, Decided or KeyError.
    """
    changed, event = act(quote, Action.AUTHORIZE)
    stands = {item.id: item.authorization for item in quote.items}[item_id]
    if stands is wanted:
        return None
    if wanted not in TRANSITIONS[stands]:
        raise Decided(stands, wanted)
    items = tuple(
        item.decided(wanted, consent) if item.id == item_id else item for item in quote.items
    )
    if not any(item.wanted for item in items):
        changed, event = act(quote, Action.DECLINE, reason=NONE_LEFT)
    return replace(changed, items=items), event


def bought(quote: Quote, item_ids: Collection[str], now: datetime) -> Quote:
    """Authorise what was paid for, whatever was decided while the payment was under way."""
    consent = Consent(How.PAYMENT, now)
    items = tuple(
        item.decided(Authorization.AUTHORIZED, consent)
        if item.id in item_ids and item.authorization is not Authorization.AUTHORIZED
        else item
        for item in quote.items
    )
    return replace(quote, items=items)
