"""A quote shows the visit at which its work is to be done."""

from __future__ import annotations

import pytest

from infra import happenings
from infra.quoting import QuoteDesk
from infra.waiting import eventually
from shared.ids import new_id


async def tell(quoting: QuoteDesk, what: str, account: str, quote_id: str, booking_id: str) -> None:
    status = "cancelled" if what == "cancelled" else "pending"
    sequence = 2 if what == "cancelled" else 1
    said = {"id": booking_id, "quote_id": quote_id, "status": status}
    told = happenings.event(f"booking.{what}", partner_id=account, sequence=sequence, **said)
    await happenings.publish(quoting.service.kafka, told)


@pytest.mark.seed(58)
async def test_a_quote_shows_its_booking_until_that_is_cancelled(quoting: QuoteDesk) -> None:
    account = new_id("par")
    partner = quoting.partner(account)
    quote = await quoting.ask(partner)
    assert quote["booking_id"] is None
    first, second, strangers = new_id("bkg"), new_id("bkg"), new_id("bkg")

    async def shows(booking_id: str | None) -> bool:
        return bool((await quoting.read(quote["id"]))["booking_id"] == booking_id)

    await tell(quoting, "created", new_id("par"), quote["id"], strangers)
    await tell(quoting, "created", account, quote["id"], first)
    assert await eventually(lambda: shows(first))
    await tell(quoting, "cancelled", account, quote["id"], first)
    assert await eventually(lambda: shows(None))
    await tell(quoting, "created", account, quote["id"], second)
    assert await eventually(lambda: shows(second))
    # Another booking's events may come late: it isn't the quote's any more.
    await tell(quoting, "cancelled", account, quote["id"], first)
    changed = [("quote.updated", number) for number in (2, 3, 4)]
    assert await quoting.happened(quote["id"]) == [("quote.created", 1), *changed]
    assert await shows(second)
    after = await quoting.ask(partner)
    revised = await quoting.post(
        f"/v1/quotes/{quote['id']}/revise", {"items": [{"service": "detailing"}]}, partner
    )
    assert revised["booking_id"] == second
    assert after["booking_id"] is None
