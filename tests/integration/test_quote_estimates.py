"""When work would be done, by what a workshop has to do already; and what is doubtful of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from infra import happenings
from infra.quoting import QuoteDesk
from infra.waiting import eventually
from shared.ids import new_id

Json = dict[str, Any]


def done_after(quote: Json) -> timedelta:
    """Tell how long after it was asked for a quote's work would be done."""
    done, asked = quote["estimated_completion_at"], quote["created_at"]
    return datetime.fromisoformat(done) - datetime.fromisoformat(asked)


async def tell(quoting: QuoteDesk, what: str, sequence: int, order_id: str, **data: Any) -> None:
    event = happenings.event(
        what, partner_id=new_id("par"), id=order_id, sequence=sequence, quote_id=None, **data
    )
    await happenings.publish(quoting.service.kafka, event)

    async def known() -> bool:
        found = await quoting.rows(
            "SELECT sequence FROM workloads WHERE order_id = :id", id=order_id
        )
        return [row.sequence for row in found] == [sequence]

    assert await eventually(known)


@pytest.mark.seed(1)
async def test_a_workshops_open_orders_come_first(quoting: QuoteDesk) -> None:
    place = await quoting.workshop(new_id("par"))
    partner, order = quoting.partner(), new_id("ord")
    job = {"workshop_id": place, "estimated_duration": "PT20H"}
    free = await quoting.ask(partner, workshop_id=place)
    assert done_after(free) == timedelta(days=2)  # four hours, after the handover

    await tell(quoting, "service.created", 1, order, **job)
    busy = await quoting.ask(partner, workshop_id=place)
    assert done_after(busy) == timedelta(days=4)
    assert done_after(await quoting.ask(partner)) == timedelta(days=2)  # of no workshop

    await tell(quoting, "service.updated", 2, order, status="delayed", **job)
    assert done_after(await quoting.ask(partner, workshop_id=place)) == timedelta(days=4)
    await tell(quoting, "service.completed", 3, order, **job)
    assert done_after(await quoting.ask(partner, workshop_id=place)) == timedelta(days=2)


async def test_no_queue_of_a_workshops_is_too_long_for_others_to_be_quoted(
    quoting: QuoteDesk,
) -> None:
    place, partner = await quoting.workshop(new_id("par")), quoting.partner()
    decades = {"workshop_id": place, "estimated_duration": "PT100000H"}
    await tell(quoting, "service.created", 1, new_id("ord"), **decades)
    assert done_after(await quoting.ask(partner, workshop_id=place)) == timedelta(days=3650)


async def test_a_date_that_will_not_be_met_is_told_with_one_that_would(
    quoting: QuoteDesk,
) -> None:
    partner, now = quoting.partner(), quoting.clock.now()
    soon = f"{now + timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}"
    quote = await quoting.ask(partner, needed_by=soon)
    [warning] = quote["warnings"]
    assert (warning["pointer"], warning["code"]) == ("/needed_by", "needed-by-at-risk")
    met = await quoting.ask(partner, needed_by=f"{now + timedelta(days=3):%Y-%m-%dT%H:%M:%SZ}")
    assert met["warnings"] == []
    could = datetime.fromisoformat(warning["suggestion"])
    done = datetime.fromisoformat(quote["estimated_completion_at"])
    assert timedelta() < could - done <= timedelta(minutes=1)
    assert (await quoting.ask(partner, needed_by=warning["suggestion"]))["version"] == 1


@pytest.mark.seed(2)
async def test_the_vin_fills_what_was_left_out_and_contradicts_what_was_not(
    quoting: QuoteDesk,
) -> None:
    partner = quoting.partner()
    filled = await quoting.ask(partner)
    assert (filled["vehicle"]["make"], filled["vehicle"]["year"]) == ("Honda", 2003)
    odd = {"vin": "1HGCM82633A004352", "make": "Audi", "year": 2019}
    quote = await quoting.ask(partner, vehicle=odd)
    assert (quote["vehicle"]["make"], quote["vehicle"]["year"]) == ("Audi", 2019)
    told = [(each["pointer"], each["code"], each["suggestion"]) for each in quote["warnings"]]
    assert told == [
        ("/vehicle/make", "contradicts-vin", "Honda"),
        ("/vehicle/year", "contradicts-vin", "2003"),
    ]
    assert (await quoting.read(quote["id"]))["warnings"] == quote["warnings"]


async def test_a_van_by_its_vin_is_priced_as_one(quoting: QuoteDesk) -> None:
    partner = quoting.partner()
    van = await quoting.ask(partner, vehicle={"vin": "WV1ZZZ7HZ8H000001"})
    car = await quoting.ask(partner)
    assert van["vehicle"]["vehicle_class"] == "van"
    assert van["total"]["amount"] > car["total"]["amount"]
