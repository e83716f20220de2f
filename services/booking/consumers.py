"""Others' events, and what they mean here: quotes, whose work may be booked; who wants no mails."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import TypeAdapter

from services.booking.domain.details import InOwnWords
from services.booking.domain.quote import Quote
from services.booking.domain.workshop import Category, Cost
from services.booking.repository import customers, quotes
from shared.contracts import QuoteV1, RecipientUnsubscribedV1
from shared.contracts.quote import QuoteItem
from shared.database import Transaction
from shared.events import Event
from shared.inbox import Effect
from shared.inputs import IsoDuration
from shared.money import Money

TOPICS = ("quote.events", "notifier.events")

_DURATION = TypeAdapter(IsoDuration)


async def quote_told(work: Transaction, event: Event) -> None:
    """Keep the quote as it stands."""
    told = QuoteV1.model_validate_json(event.data)
    services = [_service(each) for each in told.items if each.authorization != "declined"]
    if services and told.estimated_duration:
        first = services[0]
        services[0] = InOwnWords(
            title=first.title,
            category=first.category,
            code=first.code,
            description=first.description,
            duration=_DURATION.validate_python(told.estimated_duration),
            cost=first.cost,
        )
    quote = Quote(told.id, told.partner_id, told.workshop_id, told.status, tuple(services))
    await quotes.keep(work.connection, quote, event.sequence)


async def unsubscribed(work: Transaction, event: Event) -> None:
    """Keep that somebody ended a partner's reminders."""
    told = RecipientUnsubscribedV1.model_validate_json(event.data)
    await customers.opt_out(work.connection, told.partner_id, told.address_sha256)


EFFECTS: Mapping[str, Effect] = {
    "quote.created": quote_told,
    "quote.priced": quote_told,
    "quote.revised": quote_told,
    "quote.updated": quote_told,
    "quote.declined": quote_told,
    "quote.expired": quote_told,
    "quote.ordered": quote_told,
    "recipient.unsubscribed": unsubscribed,
}


def _service(item: QuoteItem) -> InOwnWords:
    named = item.service in set(Category)
    price = Money(item.price.amount, item.price.currency) if item.price else None
    return InOwnWords(
        title=item.description if item.quantity == 1 else f"{item.description} x {item.quantity}",
        category=Category(item.service) if named else None,
        code=item.service,
        description=item.notes,
        cost=Cost(price, price) if price else None,
    )
