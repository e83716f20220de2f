"""`roadworthy demo`: the whole story against a running platform, told as it happens."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Collection
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from roadworthy.client import Client, clients
from roadworthy.embedded.errors import PartError
from roadworthy.embedded.inbox import Inbox, Mail
from roadworthy.listen import line
from roadworthy.receiver import Receiver, receiving

ARRIVAL_SECONDS = 30.0
# Words of the subjects that end each story.
LAST_MAILS = {"completed:", "how was your visit"}

Say = Callable[[str], None]

ORDER_WEBHOOKS = ["service.created", "service.updated", "service.completed"]
BOOKING_WEBHOOKS = ["booking.created", "booking.updated", "booking.completed", "review.requested"]


async def demo(data: Path, say: Say) -> None:
    """Quote, pay, repair, book; raises PartError when something owed doesn't arrive."""
    address = f"dana-{secrets.token_hex(4)}@example.com"
    async with (
        clients(data) as made,
        receiving(made["partner"], ["*"], "roadworthy demo") as receiver,
    ):
        story = _Story(made["partner"], made["workshop"], receiver, address, say)
        say(f"A dealer's system listens at {receiver.url}; Dana reads mail at {address}.\n")
        order = await story.reconditioning()
        await story.told(order, ORDER_WEBHOOKS)
        booking = await story.booking()
        await story.told(booking, BOOKING_WEBHOOKS)
        say("\nMeanwhile, in the inbox:")
        await _mails(Inbox(data / "inbox"), address, LAST_MAILS, say)
    say("\nThat was the whole story. See it again: roadworthy events tail --from-start")


class _Story:
    def __init__(
        self, partner: Client, workshop: Client, receiver: Receiver, address: str, say: Say
    ) -> None:
        self._partner = partner
        self._workshop = workshop
        self._receiver = receiver
        self._contact = {"name": "Dana Dealer", "email": address}
        self._say = say

    async def reconditioning(self) -> str:
        """Quote, payment, work; returns the order's id."""
        quote = await self._partner.post(
            "/v1/quotes",
            {
                "vehicle": {"vin": "1HGCM82633A004352", "mileage": 84000},
                "items": [{"service": "detailing"}, {"service": "brakes"}],
                "contact": self._contact,
            },
        )
        self._say(f"POST /v1/quotes                 {quote['id']}  {_money(quote['total'])}")
        order = await self._partner.post(
            "/v1/orders",
            {"quote_id": quote["id"], "payment": {"method": "card", "token": "tok_visa"}},
        )
        self._say(f"POST /v1/orders                 {order['id']}  {order['status']}")
        for status in ("in-progress", "completed"):
            moved = await self._workshop.post(
                f"/v1/orders/{order['id']}/status", {"status": status}
            )
            self._say(f"POST /v1/orders/…/status        {order['id']}  {moved['status']}")
        return str(order["id"])

    async def booking(self) -> str:
        """Find a slot, book it, have it done; returns the booking's id."""
        workshop = (await self._workshop.get("/v1/workshops"))["data"][-1]
        catalog = (await self._partner.get(f"/v1/workshops/{workshop['id']}/services"))["data"]
        slot = await self._slot(workshop, catalog[0])
        self._say(f"\nGET /v1/workshops/…/availabilities   {workshop['name']} is free at {slot}")
        booking = await self._partner.post(
            "/v1/bookings",
            {
                "workshop_id": workshop["id"],
                "service_category": catalog[0]["category"],
                "services": [{"catalog_id": catalog[0]["id"]}],
                "drop_off_at": slot,
                "customer": self._contact | {"phone": "+61412345678"},
                "car": {"registration": {"plate": "ABC123", "country": "AU"}},
            },
        )
        self._say(f"POST /v1/bookings               {booking['id']}  {booking['status']}")
        for status in ("processing", "done"):
            path = f"/v1/bookings/{booking['id']}/status"
            moved = await self._workshop.post(path, {"status": status})
            self._say(f"POST /v1/bookings/…/status      {booking['id']}  {moved['status']}")
        return str(booking["id"])

    async def told(self, subject: str, types: Collection[str]) -> None:
        """Print the webhooks about something; raises PartError if one of these types is missing."""
        receiver = self._receiver

        def missing() -> set[str]:
            there = receiver.received.values()
            return set(types) - {webhook.type for webhook in there if webhook.subject == subject}

        try:
            async with asyncio.timeout(ARRIVAL_SECONDS), receiver.arrived:
                await receiver.arrived.wait_for(lambda: not missing())
        except TimeoutError:
            raise PartError(f"No webhook came for {', '.join(sorted(missing()))}") from None
        about = [w for w in receiver.received.values() if w.subject == subject]
        for webhook in sorted(about, key=lambda webhook: webhook.sequence):
            self._say(f"  webhook  {line(webhook)}")
            if webhook.refused_by:
                raise PartError(f"{webhook.type} has a signature that isn't right")

    async def _slot(self, workshop: dict[str, Any], service: dict[str, Any]) -> str:
        first = datetime.now(UTC).astimezone(ZoneInfo(workshop["time_zone"])).date() + timedelta(1)
        for start in (first, first + timedelta(7)):
            free = await self._free(workshop["id"], start, service["id"])
            if free:
                return free[0]
        raise PartError(f"{workshop['name']} has no free slot in the next two weeks")

    async def _free(self, workshop_id: str, start: date, service_id: str) -> list[str]:
        days = await self._partner.get(
            f"/v1/workshops/{workshop_id}/availabilities",
            **{"from": f"{start}", "to": f"{start + timedelta(6)}", "services": service_id},
        )
        return [slot["start"] for day in days["data"] for slot in day["slots"]]


async def _mails(inbox: Inbox, address: str, words: Collection[str], say: Say) -> None:
    """Print a person's mails once there is one with each of the words in its subject."""

    def arrived() -> list[Mail]:
        return [mail for mail in inbox.mails(200) if address in mail.recipients][::-1]

    async def all_there() -> list[Mail]:
        while True:
            mails = arrived()
            subjects = " ".join(mail.subject.lower() for mail in mails)
            if all(word in subjects for word in words):
                return mails
            await asyncio.sleep(0.1)

    try:
        mails = await asyncio.wait_for(all_there(), ARRIVAL_SECONDS)
    except TimeoutError:
        came = "; ".join(mail.subject for mail in arrived()) or "nothing"
        raise PartError(f"Some mails to {address} didn't come. What came: {came}") from None
    for mail in mails:
        attached = f"  [{', '.join(mail.attachments)}]" if mail.attachments else ""
        say(f"  mail     {mail.subject}{attached}")


def _money(amount: dict[str, Any]) -> str:
    return f"{amount['amount'] / 100:.2f} {amount['currency']}"
