"""Mails and texts to people: as the partner looks, in its language, to those who are there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import httpx
import pytest
import pytest_asyncio
from aiosmtpd.controller import Controller
from sqlalchemy import text

from infra.access import SigningKeys
from infra.databases import MakeDatabase
from infra.notifying import notifier_settings
from infra.receiver import Receiver, receiving, status
from infra.waiting import eventually
from infra.webhooks import Subscriber, at_work
from roadworthy.embedded.ports import LOOPBACK, bind
from services.notifier.main import build
from shared.ids import new_id
from shared.service import Service
from shared.shift import ShiftedClock

PER_HOUR = 3
PHONE = "+61412345678"


@dataclass
class MailBox:
    """A mail server that knows everybody but who is `gone`."""

    mails: list[EmailMessage] = field(default_factory=list)
    gone: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        self.asked.append(address)
        if address in self.gone:
            return "550 5.1.1 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        mail = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        return "250 OK"

    def to(self, address: str) -> list[EmailMessage]:
        return [each for each in self.mails if each["To"] == address]


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
    with bind(LOOPBACK, 0) as free:
        port = free.getsockname()[1]
    server = Controller(box, hostname=LOOPBACK, port=port)
    server.start()
    settings = notifier_settings(
        await module_database("notifier"),
        smtp_host=LOOPBACK,
        smtp_port=port,
        mail_per_hour=PER_HOUR,
        sms_provider="twilio",
        sms_url=provider.url.removesuffix("/hooks"),
        sms_account="AC1",
        sms_token="t0ken",
        sms_from="+61400000000",
        public_url="https://roadworthy.test",
    )
    async with at_work(build(settings, clock=clock, keys=keys), "mail", "deliveries") as made:
        yield made
    server.stop()


@pytest.fixture
def dealer(service: Service, keys: SigningKeys) -> Subscriber:
    return Subscriber(service, keys)


@pytest.fixture
def operator(service: Service, keys: SigningKeys) -> Subscriber:
    return Subscriber(service, keys, "operator")


@pytest.fixture
def address() -> str:
    return f"{new_id('cli')}@customer.example"


def customer(address: str | None, phone: str | None = None) -> dict[str, Any]:
    return {"name": "Sam", "email": address, "phone": phone}


async def outcomes(service: Service, *events: Any) -> list[tuple[str, str, str | None]]:
    """Wait until nothing of these events waits unasked; return channel, status and error."""
    query = text("""SELECT channel, status, error FROM emails WHERE event_id = ANY (:ids)
                    ORDER BY channel, id""")

    async def settled() -> list[tuple[str, str, str | None]]:
        async with service.database.reading() as connection:
            found = await connection.execute(query, {"ids": [each.id for each in events]})
            rows = [tuple(row) for row in found]
        return [] if any(row[1] == "queued" and row[2] is None for row in rows) else rows

    return await eventually(settled)


async def arrived(box: MailBox, address: str, count: int = 1) -> list[EmailMessage]:
    return await eventually(lambda: found if len(found := box.to(address)) >= count else [])


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
    ("field", "value"),
    [
        ("colour", "red"),
        ("logo_url", "http://hafen.example/logo.png"),
        ("logo_url", "javascript:alert(1)"),
        ("reply_to", "nobody"),
        ("language", "fr"),
        ("name", "two\nlines"),
    ],
)
async def test_a_brand_that_could_not_be_shown_is_refused(
    dealer: Subscriber, field: str, value: str
) -> None:
    answer = await dealer.send("PUT", f"/v1/brands/{dealer.partner_id}", {field: value})
    assert [each["pointer"] for each in answer.json()["errors"]] == [f"/{field}"]


async def test_who_is_not_there_is_asked_for_once_until_that_is_lifted(
    dealer: Subscriber, operator: Subscriber, box: MailBox, service: Service, address: str
) -> None:
    box.gone.add(address)
    first = await dealer.happen("booking.created", customer=customer(address))
    [(_, state, error)] = await outcomes(service, first)
    assert (state, "550" in str(error)) == ("failed", True)
    again = await dealer.happen("booking.updated", customer=customer(address))
    assert await outcomes(service, again) == [("mail", "suppressed", "address-suppressed")]
    assert box.asked.count(address) == 1

    listed = await operator.get("/v1/suppressions", limit=100)
    [found] = [each for each in listed["data"] if each["address"] == address]
    assert found["reason"] == "refused"
    box.gone.clear()
    lifted = await operator.send("DELETE", f"/v1/suppressions/{address}")
    assert lifted.status_code == 204
    assert (await operator.send("DELETE", f"/v1/suppressions/{address}")).status_code == 404
    await dealer.happen("booking.updated", customer=customer(address))
    await arrived(box, address)


async def bounced(operator: Subscriber, address: str, original: str) -> httpx.Response:
    """Report that a mail with these headers couldn't be delivered."""
    report = (
        "MIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status; "
        'boundary="b"\n\n'
        "--b\nContent-Type: text/plain\n\nSorry.\n--b\nContent-Type: message/delivery-status\n\n"
        f"Reporting-MTA: dns; mx\n\nFinal-Recipient: rfc822; {address}\nAction: failed\n"
        "Status: 5.1.1\n\n--b\nContent-Type: text/rfc822-headers\n\n"
        f"{original}\n\n--b--\n"
    )
    headers = operator.headers | {"Content-Type": "message/rfc822"}
    return await operator.client.post("/v1/bounces", content=report.encode(), headers=headers)


async def test_a_mail_that_came_back_suppresses_its_address(
    dealer: Subscriber, operator: Subscriber, service: Service, box: MailBox, address: str
) -> None:
    sent = await dealer.happen("booking.created", customer=customer(address))
    await arrived(box, address)
    await outcomes(service, sent)
    other = await dealer.happen("booking.created", customer=customer(f"other-{address}"))
    for forged in ("", f"Message-ID: <{other.id}@roadworthy.dev>"):
        answer = await bounced(operator, address, forged)
        assert [each["suppressed"] for each in answer.json()["bounces"]] == [False]
    answer = await bounced(operator, address, f"Message-ID: <{sent.id}@roadworthy.dev>")
    assert answer.json() == {
        "event_id": sent.id,
        "bounces": [{"address": address, "status": "5.1.1", "suppressed": True}],
    }
    [(_, state, error)] = await outcomes(service, sent)
    assert (state, str(error).startswith("bounced 5.1.1")) == ("failed", True)
    later = await dealer.happen("booking.updated", customer=customer(address))
    assert await outcomes(service, later) == [("mail", "suppressed", "address-suppressed")]
    hello = await operator.client.post("/v1/bounces", content=b"hello", headers=operator.headers)
    assert (hello.status_code, hello.json()["code"]) == (422, "no-notification")


@pytest.mark.seed(54)
async def test_one_click_ends_reminders_and_nothing_else(
    dealer: Subscriber, service: Service, box: MailBox, keys: SigningKeys, address: str
) -> None:
    await dealer.happen("reminder.due", customer=customer(address))
    [reminder] = await arrived(box, address)
    assert reminder["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    link = reminder["List-Unsubscribe"].strip("<>").replace("\n", "").replace(" ", "")
    path = link.removeprefix("https://roadworthy.test")
    assert address.partition("@")[0] not in path
    looked = await dealer.client.get(path)  # a scanner's look ends nothing
    assert looked.status_code == 200
    assert "frame-ancestors 'none'" in looked.headers["content-security-policy"]
    before = await dealer.happen("review.requested", customer=customer(address))
    assert await outcomes(service, before) == [("mail", "sent", None)]

    form = {"List-Unsubscribe": "One-Click"}
    clicked: httpx.Response = await dealer.client.post(path, data=form)
    assert clicked.status_code == 200
    after = await dealer.happen("reminder.due", customer=customer(address))
    assert await outcomes(service, after) == [("mail", "suppressed", "unsubscribed")]
    booked = await dealer.happen("booking.created", customer=customer(address))
    assert await outcomes(service, booked) == [("mail", "sent", None)]
    assert box.to(address)[-1]["List-Unsubscribe"] is None
    other = Subscriber(service, keys)
    theirs = await other.happen("reminder.due", customer=customer(f"other-{address}"))
    assert await outcomes(service, theirs) == [("mail", "sent", None)]
    assert (await dealer.client.post("/unsubscribe/AAAA")).status_code == 404


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
