"""Commands about how mails look, and a look at them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import orjson

from services.notifier.domain.brand import Brand
from services.notifier.domain.mailing import MAILED, TEXTED
from services.notifier.domain.message import Message
from services.notifier.event_types import catalog
from services.notifier.handlers import account_of
from services.notifier.mail.rendering import Rendered, Renderer
from services.notifier.repository import account_hours, brands
from services.notifier.repository.account_hours import AccountHour
from shared.auth import Caller
from shared.database import Database
from shared.idempotency import Answer, Once
from shared.problems import invalid, not_found


@dataclass(frozen=True, slots=True)
class Preview:
    """A mail as it would go out, and the text message beside it, if there is one."""

    words: Rendered
    text_message: str | None


async def brand_of(database: Database, partner_id: str) -> Brand:
    """Read how an account's mails look, for whoever holds a link that we wrote."""
    async with database.reading() as connection:
        return await brands.find(connection, partner_id)


async def read_brand(database: Database, caller: Caller, partner_id: str) -> Brand:
    """Read how an account's mails look; raises a 404 Problem for another's."""
    _require_own(caller, partner_id)
    return await brand_of(database, partner_id)


async def set_brand(database: Database, caller: Caller, brand: Brand) -> Brand:
    """Have an account's mails look so from now on; raises a 404 Problem for another's."""
    _require_own(caller, brand.partner_id)
    async with database.transaction() as work:
        await brands.save(work.connection, brand, work.now)
    return brand


async def read_hour(
    database: Database, caller: Caller, partner_id: str, per_hour: int
) -> AccountHour:
    """Read what of an account's hour is used; raises a 404 Problem for another's."""
    _require_own(caller, partner_id)
    async with database.reading() as connection:
        return await account_hours.used(connection, partner_id, database.clock.now(), per_hour)


async def preview(
    database: Database,
    caller: Caller,
    event_type: str,
    language: str | None,
    renderer: Renderer,
    once: Once[Preview],
) -> Answer:
    """Render the mail about a type's example, as the caller's look; raises a Problem: no mail."""
    if event_type not in MAILED:
        raise invalid("/type", "not-mailed", "Nobody gets a mail about this type.")
    async with database.transaction() as work:
        if answer := await once.replayed(work):
            return answer
        brand = await brands.find(work.connection, caller.partner_id)
        message = Message(
            event_id="preview",
            type=event_type,
            subject="preview",
            sequence=1,
            partner_id=caller.partner_id,
            workshop_id=None,
            time=work.now,
            data=orjson.dumps(catalog()[event_type].example).decode(),
        )
        brand = replace(brand, language=language or brand.language)
        texted = renderer.text_message(message, brand) if event_type in TEXTED else None
        words = renderer.render(message, brand.name, brand)
        return await once.answer(work, Preview(words, texted))


def _require_own(caller: Caller, partner_id: str) -> None:
    if account_of(caller) not in (None, partner_id):
        raise not_found("account")
