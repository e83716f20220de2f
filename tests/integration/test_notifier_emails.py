"""From an event on Kafka to a mail in an inbox, by SMTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import text

from infra.access import SigningKeys
from infra.databases import MakeDatabase
from infra.happenings import event, publish
from infra.notifying import notifier_settings, register
from infra.receiver import receiving
from infra.running import bus_settings, running
from infra.servers import INFRA
from infra.waiting import eventually
from roadworthy.embedded.inbox import Inbox, Mail
from services.notifier.main import build
from shared.ids import new_id
from shared.service import Service


@pytest_asyncio.fixture(scope="module")
async def service(
    module_database: MakeDatabase,
    kafka_bootstrap: str,
    topic_prefix: str,
    keys: SigningKeys,
    smtp_inbox: Inbox,
) -> Service:
    bus = bus_settings(kafka_bootstrap, topic_prefix, embedded=INFRA == "embedded")
    url = await module_database("notifier")
    return build(notifier_settings(url, smtp_inbox, **bus), keys=keys)


@pytest_asyncio.fixture(scope="module")
async def client(service: Service) -> AsyncIterator[httpx.AsyncClient]:
    async with running(service) as client:
        yield client


@pytest.fixture
def address() -> str:
    return f"{new_id('cli')}@dealer.example"


def mails_to(inbox: Inbox, address: str) -> list[Mail]:
    return [mail for mail in inbox.mails(100) if address in mail.recipients]


async def first_to(inbox: Inbox, address: str, count: int = 1) -> list[Mail]:
    """Wait for so many mails to an address; oldest first."""

    def there() -> list[Mail]:
        found = mails_to(inbox, address)
        return found[::-1] if len(found) >= count else []

    return await eventually(there)


def contact(address: str) -> dict[str, Any]:
    return {"name": "Zoë", "email": address, "phone": None}


async def settled(service: Service, *event_ids: str) -> None:
    """Wait until these events were received, and no mail of theirs is waiting."""
    statement = text("""
        SELECT count(*) FILTER (WHERE e.status IS DISTINCT FROM 'queued') = :count
        FROM messages m LEFT JOIN emails e USING (event_id) WHERE m.event_id = ANY (:ids)
    """)

    async def done() -> bool:
        async with service.database.reading() as connection:
            named = {"ids": list(event_ids), "count": len(event_ids)}
            return bool(await connection.scalar(statement, named))

    await eventually(done)


@pytest.mark.seed(16)
@pytest.mark.parametrize("status", ["delayed", "canceled"])
async def test_delayed_and_canceled_send_one_mail_and_one_webhook(
    client: httpx.AsyncClient,
    service: Service,
    smtp_inbox: Inbox,
    keys: SigningKeys,
    address: str,
    status: str,
) -> None:
    partner_id = new_id("par")
    happened = event(
        "service.updated", partner_id=partner_id, status=status, contact=contact(address)
    )
    last = event("service.completed", partner_id=partner_id, subject=happened.subject, sequence=2)
    async with receiving() as receiver:
        headers = keys.headers("partner", partner_id=partner_id)
        await register(client, headers, receiver.url, "service.*")
        await publish(service.kafka, happened, happened, last)
        for each in (happened, last):  # they may overtake one another
            await receiver.of_type(each.type)
        await settled(service, happened.id, last.id)
        webhooks = [each for each in receiver.requests if each.json["type"] == happened.type]
    [mail] = mails_to(smtp_inbox, address)
    assert len(webhooks) == 1
    assert mail.subject == f"{status.capitalize()}: work on 2019 Honda Accord (ABC123)"
    assert dict(mail.headers)["Message-ID"] == f"<{happened.id}@roadworthy.dev>"
    assert mail.text
    assert mail.html


@pytest.mark.seed(22)
async def test_without_a_contact_the_account_is_written_to_once_its_address_is_known(
    client: httpx.AsyncClient, service: Service, smtp_inbox: Inbox, address: str
) -> None:
    partner_id = new_id("par")
    created = event("invoice.created", partner_id=partner_id, contact=None)
    paid = event("invoice.paid", partner_id=partner_id, contact=None, sequence=2)
    account = event("partner.created", partner_id=partner_id, id=partner_id, email=address)
    await publish(service.kafka, account)
    await settled(service, account.id)
    await publish(service.kafka, created, paid)

    mails = await first_to(smtp_inbox, address, 2)
    assert {mail.subject for mail in mails} == {
        "Invoice INV-2026-0007-00042: AUD 445.50",
        "Paid: invoice INV-2026-0007-00042",
    }


@pytest.mark.seed(22)
@pytest.mark.parametrize(
    ("event_type", "subject"),
    [
        ("invoice.created", "Invoice INV-2026-0007-00042: AUD 445.50"),
        ("invoice.paid", "Paid: invoice INV-2026-0007-00042"),
        ("invoice.voided", "Void: invoice INV-2026-0007-00042"),
        ("credit-note.created", "Credit note CN-2026-0007-00003: AUD 445.50"),
        ("deal.closed", "Deal DEAL-77 is closed: AUD 445.50"),
    ],
)
async def test_what_becomes_of_an_invoice_sends_a_mail_and_a_webhook(
    client: httpx.AsyncClient,
    service: Service,
    smtp_inbox: Inbox,
    keys: SigningKeys,
    address: str,
    event_type: str,
    subject: str,
) -> None:
    partner_id = new_id("par")
    happened = event(event_type, partner_id=partner_id, contact=contact(address))
    async with receiving() as receiver:
        headers = keys.headers("partner", partner_id=partner_id)
        await register(client, headers, receiver.url, f"{event_type.partition('.')[0]}.*")
        await publish(service.kafka, happened, happened)
        await receiver.of_type(event_type)
        await settled(service, happened.id)
        webhooks = [each for each in receiver.requests if each.json["type"] == event_type]

    [mail] = mails_to(smtp_inbox, address)
    assert (len(webhooks), mail.subject) == (1, subject)
    assert "Hello Zoë" in mail.text
    assert "Hello Zoë" in mail.html


@pytest.mark.seed(53)
async def test_done_sends_one_review_request_and_the_reminder_when_it_is_due(
    client: httpx.AsyncClient, service: Service, smtp_inbox: Inbox, address: str
) -> None:
    partner_id, customer = new_id("par"), contact(address)
    happened = [
        event("review.requested", partner_id=partner_id, customer=customer),
        event("reminder.scheduled", partner_id=partner_id, customer=customer),
        event("reminder.due", partner_id=partner_id, customer=customer, code="A B&C"),
    ]
    await publish(service.kafka, *happened, *happened)

    mails = await first_to(smtp_inbox, address, 2)
    await settled(service, *(each.id for each in happened))
    assert len(mails_to(smtp_inbox, address)) == 2
    by_subject = {mail.subject: mail for mail in mails}
    assert "How was your visit to Harbour Motors?" in by_subject
    reminder = by_subject["Time for a service at Harbour Motors"]
    assert "/book/wks_01kd2m4w7me6sqf8t3v5x2y9za?code=A%20B%26C" in reminder.text


@pytest.mark.seed(56)
async def test_skip_notification_keeps_customers_from_being_written_to(
    client: httpx.AsyncClient, service: Service, smtp_inbox: Inbox, address: str
) -> None:
    partner_id, customer = new_id("par"), contact(address)
    quiet = [
        event(each, partner_id=partner_id, customer=customer, skip_notification=True)
        for each in ("booking.created", "booking.cancelled", "review.requested", "reminder.due")
    ]
    loud = event("booking.updated", partner_id=partner_id, customer=customer)
    await publish(service.kafka, *quiet, loud)

    [mail] = await first_to(smtp_inbox, address)
    await settled(service, loud.id, *(each.id for each in quiet))
    assert len(mails_to(smtp_inbox, address)) == 1
    assert mail.subject == "Your booking at Harbour Motors was changed"


async def test_a_booking_comes_with_its_calendar_file(
    client: httpx.AsyncClient, service: Service, smtp_inbox: Inbox, address: str
) -> None:
    booked = event("booking.created", partner_id=new_id("par"), customer=contact(address))
    await publish(service.kafka, booked)

    [mail] = await first_to(smtp_inbox, address)
    assert mail.attachments == ("booking.ics",)


@pytest.mark.usefixtures("client")
async def test_the_owner_of_an_endpoint_that_is_gone_is_told(
    service: Service, smtp_inbox: Inbox, address: str
) -> None:
    partner_id = new_id("par")
    account = event("partner.created", partner_id=partner_id, id=partner_id, email=address)
    await publish(service.kafka, account)
    await settled(service, account.id)
    gone = event("endpoint.disabled", partner_id=partner_id, reason="gone")
    await publish(service.kafka, gone)

    [mail] = await first_to(smtp_inbox, address)
    assert mail.subject == "Webhook endpoint disabled"
    assert gone.subject in mail.text
