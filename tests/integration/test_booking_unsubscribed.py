"""One click in a reminder's mail, and the booking service knows: from inbox to customer."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio

from infra.access import SigningKeys
from infra.booking import CUSTOMER, Booking, booking_service
from infra.databases import MakeDatabase
from infra.mailbox import PUBLIC_URL
from infra.notifying import notifier_settings
from infra.running import bus_settings, running
from infra.servers import INFRA
from infra.waiting import eventually
from roadworthy.embedded.inbox import Inbox
from services.notifier.main import build
from shared.ids import new_id


@pytest_asyncio.fixture
async def booking(
    database: MakeDatabase, kafka_bootstrap: str, topic_prefix: str, keys: SigningKeys
) -> AsyncIterator[Booking]:
    bus = bus_settings(kafka_bootstrap, topic_prefix, embedded=INFRA == "embedded")
    async with booking_service(database, keys, **bus) as made, running(made.service):
        yield made


@pytest_asyncio.fixture
async def notifier(
    database: MakeDatabase,
    kafka_bootstrap: str,
    topic_prefix: str,
    keys: SigningKeys,
    smtp_inbox: Inbox,
) -> AsyncIterator[httpx.AsyncClient]:
    bus = bus_settings(kafka_bootstrap, topic_prefix, embedded=INFRA == "embedded")
    url = await database("notifier")
    settings = notifier_settings(url, smtp_inbox, public_url=PUBLIC_URL, **bus)
    async with running(build(settings, keys=keys)) as client:
        yield client


@pytest.mark.seed(53, 54)
async def test_who_clicks_once_is_shown_so_and_no_reminder_is_planned(
    booking: Booking, notifier: httpx.AsyncClient, smtp_inbox: Inbox, keys: SigningKeys
) -> None:
    address = f"{new_id('cli')}@customer.example"
    workshop_id, owner = await booking.workshop(bays=4)
    partner_id = new_id("par")
    partner = keys.headers("partner", partner_id=partner_id)
    ada = CUSTOMER | {"email": address}
    visit = await booking.book(workshop_id, partner, customer=ada)
    customer = f"/v1/customers/{visit['customer_id']}"
    other = await booking.book(workshop_id, booking.partner(), customer=ada)

    await booking.post("/v1/reminders", partner, customer_id=visit["customer_id"])
    link = await eventually(lambda: _link(smtp_inbox, address))
    before = await booking.client.get(customer, headers=partner)
    assert before.json()["accepts_reminders"] is True
    for _ in range(2):
        assert (await notifier.post(link.removeprefix(PUBLIC_URL))).status_code == 200

    async def known() -> bool:
        answer = await booking.client.get(customer, headers=partner)
        return answer.json()["accepts_reminders"] is False

    await eventually(known)

    async def heard() -> list[dict[str, Any]]:
        seen = (await notifier.get("/v1/events?limit=100", headers=partner)).json()["data"]
        return [each["data"] for each in seen if each["type"] == "recipient.unsubscribed"]

    [told] = await eventually(heard)
    assert told["address_sha256"] == hashlib.sha256(address.encode()).hexdigest()
    assert (told["partner_id"], address in str(told)) == (partner_id, False)

    await booking.move(visit, owner, "processing", "done")
    assert await booking.reminders_of(visit) == []
    phone = {"name": "Ada", "email": address.upper(), "phone": "+61412345679"}
    anew = await booking.book(workshop_id, partner, customer=phone)
    again = await booking.client.get(f"/v1/customers/{anew['customer_id']}", headers=partner)
    assert again.json()["accepts_reminders"] is False
    wish = {"accepts_reminders": True}
    refused = await booking.client.patch(customer, json=wish, headers=partner)
    assert (refused.status_code, refused.json()["code"]) == (409, "unsubscribed")
    await booking.move(other, owner, "processing", "done")
    assert len(await booking.reminders_of(other)) == 1


def _link(inbox: Inbox, address: str) -> str | None:
    for mail in inbox.mails(100):
        found = dict(mail.headers).get("List-Unsubscribe")
        if address in mail.recipients and found:
            return "".join(found.split()).strip("<>")
    return None
