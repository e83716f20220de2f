"""Mails and texts to people: as the partner looks, in its language, and not too many."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import text

from infra.access import SigningKeys
from infra.databases import MakeDatabase
from infra.mailbox import MailBox, arrived, customer, mailing, outcomes
from infra.receiver import Receiver, receiving, status
from infra.waiting import eventually
from infra.webhooks import Subscriber
from shared.events import Event
from shared.ids import new_id
from shared.service import Service
from shared.shift import ShiftedClock

PER_HOUR = 3
PER_ACCOUNT = 8
PHONE = "+61412345678"


@pytest.fixture(scope="module")
def clock() -> ShiftedClock:
    return ShiftedClock()


@pytest.fixture(scope="module")
def box() -> MailBox:
    return MailBox()


@pytest_asyncio.fixture(scope="module")
async def provider() -> AsyncIterator[Receiver]:
    """Twilio, as its clients see it."""
    async with receiving() as made:
        made.usual = status(201)
        yield made


@pytest_asyncio.fixture(scope="module")
async def service(
    module_database: MakeDatabase,
    keys: SigningKeys,
    clock: ShiftedClock,
    box: MailBox,
    provider: Receiver,
) -> AsyncIterator[Service]:
    texts = {
        "sms_provider": "twilio",
        "sms_url": provider.url.removesuffix("/hooks"),
        "sms_account": "AC1",
        "sms_token": "t0ken",
        "sms_from": "+61400000000",
    }
    url = await module_database("notifier")
    limits = {"mail_per_hour": PER_HOUR, "mail_per_account_per_hour": PER_ACCOUNT}
    async with mailing(url, keys, box, clock=clock, **limits, **texts) as made:
        yield made


async def test_a_mail_looks_as_the_partner_does_in_its_language(
    dealer: Subscriber, operator: Subscriber, box: MailBox, address: str
) -> None:
    path = f"/v1/brands/{dealer.partner_id}"
    unset = await dealer.get(path)
    assert (unset["language"], unset["texts"], unset["name"]) == ("en", False, None)
    brand = {
        "name": "Hafen Motoren",
        "colour": "#aa1122",
        "logo_url": "https://hafen.example/logo.png",
        "reply_to": "hallo@hafen.example",
        "language": "de",
    }
    set_by_operator = await operator.send("PUT", path, brand)
    assert set_by_operator.json() == await dealer.get(path)
    await dealer.happen("booking.created", customer=customer(address))

    [mail] = await arrived(box, address)
    assert mail["Subject"].startswith("Ihre Buchung bei Harbour Motors, Di. 08. Dez. 2026, 08:00")
    assert mail["From"] == "Hafen Motoren <notifications@roadworthy.dev>"
    assert (mail["Reply-To"], mail["Content-Language"]) == ("hallo@hafen.example", "de")
    html = mail.get_body(("html",))
    assert html is not None
    assert 'src="https://hafen.example/logo.png"' in html.get_content()
    assert "#aa1122" in html.get_content()

    seen = await dealer.post("/v1/mail-previews", {"type": "booking.created"}, 200)
    assert seen["subject"].startswith("Ihre Buchung bei")
    assert seen["text_message"].startswith("Harbour Motors: Ihr Termin ist")
    spanish = {"type": "quote.created", "language": "es"}
    assert "presupuesto" in (await dealer.post("/v1/mail-previews", spanish, 200))["text"]
    refused = await dealer.send("POST", "/v1/mail-previews", {"type": "deal.created"})
    assert refused.json()["errors"][0]["code"] == "not-mailed"


@pytest.mark.seed(63)
@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("colour", "red", "string-pattern-mismatch"),
        ("logo_url", "http://hafen.example/logo.png", "not-https"),
        ("logo_url", "javascript:alert(1)", "not-https"),
        ("logo_url", "https://user@hafen.example/logo.png", "not-https"),
        ("logo_url", "https://[hafen/logo.png", "not-https"),
        ("reply_to", "nobody", "not-an-email"),
        ("language", "fr", "literal-error"),
        ("name", "two\nlines", "more-than-a-line"),
    ],
)
async def test_a_brand_that_could_not_be_shown_is_refused(
    dealer: Subscriber, field: str, value: str, code: str
) -> None:
    answer = await dealer.send("PUT", f"/v1/brands/{dealer.partner_id}", {field: value})
    errors = [(each["pointer"], each["code"]) for each in answer.json()["errors"]]
    assert errors == [(f"/{field}", code)]


async def test_nobody_gets_more_than_so_many_an_hour(
    dealer: Subscriber, service: Service, box: MailBox, clock: ShiftedClock, address: str
) -> None:
    events = [
        await dealer.happen("booking.updated", id="bkg_1", customer=customer(address), sequence=n)
        for n in range(1, PER_HOUR + 3)
    ]
    states = [state for _, state, _ in await outcomes(service, *events)]
    assert states.count("sent") == PER_HOUR
    clock.advance(timedelta(minutes=15))
    await dealer.happen("booking.created", customer=customer(f"other-{address}"))
    await arrived(box, f"other-{address}")
    assert len(box.to(address)) == PER_HOUR
    clock.advance(timedelta(minutes=50))
    assert len(await arrived(box, address, PER_HOUR + 2)) == PER_HOUR + 2


async def test_what_an_account_sends_to_people_beyond_its_hour_waits_in_its_order(
    dealer: Subscriber,
    service: Service,
    keys: SigningKeys,
    box: MailBox,
    clock: ShiftedClock,
    address: str,
) -> None:
    account = text("""INSERT INTO partners (id, name, email, roles, active, sequence)
                      VALUES (:id, 'Dealer', :email, '{partner}', true, 1)""")
    async with service.database.transaction() as work:
        await work.connection.execute(account, {"id": dealer.partner_id, "email": address})
    people = [f"{number}-{address}" for number in range(PER_ACCOUNT + 3)]
    told = [await dealer.happen("booking.created", customer=customer(one)) for one in people]
    held = ("mail", "queued", "account-too-many-an-hour")
    expected = [("mail", "sent", None)] * PER_ACCOUNT + [held] * 3
    assert await outcomes(service, *told) == expected

    usage = await dealer.get(f"/v1/mail-usage/{dealer.partner_id}")
    until = datetime.fromisoformat(usage.pop("waiting_until"))
    assert usage == {
        "partner_id": dealer.partner_id,
        "per_hour": PER_ACCOUNT,
        "sent_last_hour": PER_ACCOUNT,
        "waiting": 3,
    }
    spaced = timedelta(hours=1) + 2 * timedelta(hours=1) / PER_ACCOUNT
    assert timedelta(0) < clock.now() + spaced - until < timedelta(minutes=1)

    # What is about the account goes to it, and another's mails to whom they are for.
    about = {"id": new_id("dlv"), "endpoint_id": new_id("whe")}
    own = await dealer.happen("delivery.exhausted", **about)
    assert await outcomes(service, own) == [("mail", "sent", None)]
    other = Subscriber(service, keys)
    sent = await other.happen("booking.created", customer=customer(address))
    assert await outcomes(service, sent) == [("mail", "sent", None)]
    assert (await other.send("GET", f"/v1/mail-usage/{dealer.partner_id}")).status_code == 404

    clock.advance(timedelta(minutes=61))
    await arrived(box, people[-3])
    assert [len(box.to(one)) for one in people[-2:]] == [0, 0]
    clock.advance(2 * timedelta(hours=1) / PER_ACCOUNT)
    for one in people[-2:]:
        await arrived(box, one)
    await dealer.become(f"/v1/mail-usage/{dealer.partner_id}", waiting=0, waiting_until=None)


async def test_one_recipient_is_one_however_written(
    dealer: Subscriber, service: Service, address: str
) -> None:
    for number in range(PER_HOUR):
        written = address.upper() if number % 2 else address
        sent = await dealer.happen("booking.created", customer=customer(written))
        assert await outcomes(service, sent) == [("mail", "sent", None)]
    more = await dealer.happen("booking.created", customer=customer(address.title()))
    assert await outcomes(service, more) == [("mail", "queued", "too-many-an-hour")]


async def test_an_exhausted_webhook_becomes_one_mail_to_the_account(
    dealer: Subscriber, service: Service, box: MailBox, address: str
) -> None:
    await dealer.happen("partner.created", id=dealer.partner_id, email=address)
    account = text("""INSERT INTO partners (id, name, email, roles, active, sequence)
                      VALUES (:id, 'Dealer', :email, '{partner}', true, 1)""")
    async with service.database.transaction() as work:
        await work.connection.execute(account, {"id": dealer.partner_id, "email": address})
    endpoint = new_id("whe")
    first = await dealer.happen("delivery.exhausted", id=new_id("dlv"), endpoint_id=endpoint)
    second = await dealer.happen("delivery.exhausted", id=new_id("dlv"), endpoint_id=endpoint)
    other = await dealer.happen("delivery.exhausted", id=new_id("dlv"))

    assert await outcomes(service, first, second, other) == [("mail", "sent", None)] * 2
    mail, _ = await arrived(box, address, 2)
    assert mail["Subject"] == "A webhook could not be delivered"


async def test_customers_get_a_text_where_the_partner_chose_it(
    dealer: Subscriber, service: Service, provider: Receiver
) -> None:
    provider.requests.clear()
    unasked = await dealer.happen("booking.created", customer=customer(None, PHONE))
    await dealer.send("PUT", f"/v1/brands/{dealer.partner_id}", {"texts": True, "language": "es"})
    booked = await dealer.happen("booking.created", customer=customer(None, PHONE))
    quiet = await dealer.happen(
        "booking.created", customer=customer(None, PHONE), skip_notification=True
    )
    assert await outcomes(service, unasked, booked, quiet) == [("text", "sent", None)]
    [request] = provider.requests
    assert request.path == "/2010-04-01/Accounts/AC1/Messages.json"
    assert request.headers["authorization"] == str(httpx.BasicAuth("AC1", "t0ken")._auth_header)
    form = dict(httpx.QueryParams(request.body.decode()))
    assert (form["To"], form["From"]) == (PHONE, "+61400000000")
    assert form["Body"].startswith("Harbour Motors: su cita es el mar 08 dic 2026")

    provider.answers = [status(400)]
    refused = await dealer.happen("reminder.due", customer=customer(None, PHONE))
    [(_, state, error)] = await outcomes(service, refused)
    assert (state, str(error).startswith("answered 400")) == ("failed", True)
    provider.answers = [status(503)]
    later = await dealer.happen("reminder.due", customer=customer(None, PHONE))
    [(_, state, error)] = await outcomes(service, later)
    assert (state, str(error).startswith("answered 503")) == ("queued", True)


async def test_texts_to_a_person_who_was_erased_are_forgotten_and_sent_no_more(
    dealer: Subscriber,
    operator: Subscriber,
    service: Service,
    provider: Receiver,
    clock: ShiftedClock,
) -> None:
    phone, other = "+61412345001", "+61412345002"
    await dealer.send("PUT", f"/v1/brands/{dealer.partner_id}", {"texts": True})
    told = await dealer.happen("booking.created", customer=customer(None, phone))
    assert await outcomes(service, told) == [("text", "sent", None)]
    provider.answers = [status(503)]
    waits = await dealer.happen("reminder.due", customer=customer(None, phone))
    [(_, state, _)] = await outcomes(service, waits)
    assert state == "queued"
    another = await dealer.happen("booking.created", customer=customer(None, other))
    assert await outcomes(service, another) == [("text", "sent", None)]

    await service.parts["erasures"].start()
    asked = await operator.post("/v1/erasures", {"phone": phone})
    proof = await operator.become(f"/v1/erasures/{asked['id']}", status="finished")
    await service.parts["erasures"].stop()
    before = len(provider.requests)
    clock.advance(timedelta(hours=12))  # its retry would have been due
    new = new_id("bkg")  # what is told of the erased one's booking is told without anybody
    last = await dealer.happen("booking.created", id=new, customer=customer(None, other))

    assert (proof["erased"]["texts"], proof["erased"]["emails"]) == (2, 0)
    assert await recipients(service, told, waits, another, last) == [
        ("sent", None),
        ("erased", None),
        ("sent", other),
        ("sent", other),
    ]
    sent = [httpx.QueryParams(each.body.decode())["To"] for each in provider.requests[before:]]
    assert other in sent
    assert phone not in sent


async def recipients(service: Service, *events: Event) -> list[tuple[str, str | None]]:
    """Wait until nothing of these waits; return of each its status and to whom it was."""
    query = text("""SELECT status, recipient FROM emails WHERE event_id = ANY (:ids)
                    ORDER BY array_position(:ids, event_id)""")

    async def ended() -> list[tuple[str, str | None]]:
        async with service.database.reading() as connection:
            found = await connection.execute(query, {"ids": [each.id for each in events]})
            rows = [tuple(row) for row in found]
        return [] if any(row[0] == "queued" for row in rows) else rows

    return await eventually(ended)
