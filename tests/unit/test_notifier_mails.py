"""What mails say, to whom, and the calendar file of a booking."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
import vobject
from icalendar import Calendar

from services.notifier.domain.mailing import MAILED, TO_CUSTOMER, Mail, mail_about
from services.notifier.domain.message import Message
from services.notifier.mail import formats
from services.notifier.mail.composing import compose
from services.notifier.mail.rendering import Renderer
from shared.contracts import CONTRACTS
from shared.contracts.common import Amount

EXAMPLES = Path("shared/contracts/examples")
AT = datetime(2026, 12, 1, 6, tzinfo=UTC)
EVENT_ID = "019b0540-0000-7000-8000-000000000001"


def example(event_type: str, **changes: Any) -> dict[str, Any]:
    data: dict[str, Any] = json.loads((EXAMPLES / f"{event_type}.json").read_text())
    return data | changes


def mail(
    event_type: str, sequence: int = 1, *, sent_from: str = "roadworthy.test", **changes: Any
) -> EmailMessage:
    data = example(event_type, **changes)
    message = Message(
        event_id=EVENT_ID,
        type=event_type,
        subject="subject",
        sequence=sequence,
        partner_id="par_1",
        workshop_id=None,
        time=AT,
        data=CONTRACTS[event_type].model_validate(data).model_dump_json(),
    )
    return compose(
        Renderer("https://roadworthy.test/"),
        message,
        sender=f"Roadworthy <notifications@{sent_from}>",
        recipient="zoe@dealer.example",
        partner_name="Dealer One",
    )


def body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert part is not None
    return str(part.get_content())


def calendar(message: EmailMessage) -> tuple[str, Any]:
    [file] = message.iter_attachments()
    made = Calendar.from_ical(file.get_payload(decode=True))
    [entry] = made.walk("VEVENT")
    assert file.get_content_type() == "text/calendar"
    assert file.get_param("method") == made["METHOD"]
    return str(made["METHOD"]), entry


@pytest.mark.parametrize("event_type", sorted(MAILED))
def test_each_mail_has_a_subject_a_text_and_the_same_in_html(event_type: str) -> None:
    made = mail(event_type)

    assert made["Subject"]
    assert made["Message-ID"] == f"<{EVENT_ID}@roadworthy.test>"
    text, html = body(made, "plain"), body(made, "html")
    assert str(made["Subject"]) not in text
    for line in filter(None, (line.partition(": ")[2] for line in text.splitlines())):
        assert line.split(" (")[0] in html.replace("&#39;", "'").replace("&amp;", "&")
    assert "None" not in text + html
    assert "\n\n\n" not in text


def test_a_mail_is_plain_to_read() -> None:
    assert body(mail("service.updated"), "plain").splitlines() == [
        "Hello Alex Morgan,",
        "",
        "The work on this vehicle is delayed. We will tell you when it goes on.",
        "",
        "Order: ord_01kd2m7b2rg5yt9p3d6f8j1m2n",
        "Your reference: stock-1042",
        "Vehicle: 2019 Honda Accord (ABC123)",
        "Status: delayed",
        "Reason: Waiting for parts.",
        "Detailing: AUD 445.50",
        "Total, tax included: AUD 445.50",
        "To be decided: The brake hoses are cracked. (AUD 220.00)",
        "Expected completion: Sat 05 Dec 2026, 06:00 UTC",
        "",
        "-- ",
        "Sent by Roadworthy",
    ]


@pytest.mark.parametrize(
    ("status", "subject"),
    [
        ("delayed", "Delayed: work on 2019 Honda Accord (ABC123)"),
        ("canceled", "Canceled: work on 2019 Honda Accord (ABC123)"),
        ("in-progress", "Work has started on 2019 Honda Accord (ABC123)"),
        ("pending", "Order updated: 2019 Honda Accord (ABC123)"),
    ],
)
def test_the_subject_says_what_happened(status: str, subject: str) -> None:
    assert mail("service.updated", status=status, changes=[])["Subject"] == subject


def test_a_delayed_order_that_goes_on_is_not_told_as_a_start() -> None:
    changes = [{"field": "status", "before": "delayed", "after": "in-progress"}]
    made = mail("service.updated", status="in-progress", changes=changes)

    assert made["Subject"] == "Work goes on: 2019 Honda Accord (ABC123)"


@pytest.mark.parametrize(
    ("event_type", "subject", "says"),
    [
        ("quote.created", "Your quote for", "Here is the quote you asked for."),
        ("quote.priced", "Your quote is priced:", "All the work is priced now."),
        ("quote.revised", "Your quote was revised:", "This is version 2 of the quote;"),
        ("quote.expired", "Your quote has expired:", "The quote was not paid in time."),
    ],
)
def test_a_quotes_mails_say_what_became_of_it(event_type: str, subject: str, says: str) -> None:
    made = mail(event_type)

    assert made["Subject"] == f"{subject} 2019 Honda Accord (ABC123)"
    text = body(made, "plain")
    assert says in text
    assert "Total, tax included: AUD 445.50" in text
    assert ("/checkout/" in text) == (event_type != "quote.expired")


def test_a_quote_that_waits_for_a_price_asks_for_no_payment() -> None:
    [line] = example("quote.created")["items"]
    open_line = line | dict.fromkeys(("price", "tax", "total", "how"))
    text = body(mail("quote.created", status="pending", total=None, items=[open_line]), "plain")

    assert "A person still has to price some of the work" in text
    assert "to be priced" in text
    assert "pay" not in text.lower()


def test_what_a_customer_wrote_is_text_and_never_markup_or_a_header() -> None:
    name = "<script>alert(1)</script>"
    made = mail(
        "booking.created",
        workshop_name="Harbour\r\nBcc: everyone@example.com",
        customer={"name": name, "email": "sam@example.com", "phone": None},
    )

    assert made["Bcc"] is None
    assert "\n" not in made["Subject"]
    assert name in body(made, "plain")
    assert name not in body(made, "html")
    assert "&lt;script&gt;" in body(made, "html")


def test_a_booking_is_shown_by_the_workshops_clock() -> None:
    assert "Drop-off: Tue 08 Dec 2026, 08:00 (AEDT)" in body(mail("booking.created"), "plain")


def test_what_was_booked_on_the_page_can_be_moved_from_the_mail() -> None:
    url = example("booking.created")["manage_url"]
    assert f"Move or cancel the booking: {url}" in body(mail("booking.created"), "plain")
    assert "Move or cancel" not in body(mail("booking.created", manage_url=None), "plain")


def test_a_bookings_calendar_entry_keeps_its_uid_and_counts_up() -> None:
    method, made = calendar(mail("booking.created", sequence=1))
    again, moved = calendar(mail("booking.updated", sequence=2, drop_off_at="2026-12-08T21:00:00Z"))
    gone, cancelled = calendar(mail("booking.cancelled", sequence=3))

    assert (method, again, gone) == ("REQUEST", "REQUEST", "CANCEL")
    _, renamed = calendar(mail("booking.updated", sequence=4, sent_from="new.test"))
    assert made["UID"] == moved["UID"] == cancelled["UID"] == renamed["UID"]
    assert [entry["SEQUENCE"] for entry in (made, moved, cancelled)] == [1, 2, 3]
    assert made["DTSTART"].dt == datetime(2026, 12, 7, 21, tzinfo=UTC)
    assert moved["DTSTART"].dt == datetime(2026, 12, 8, 21, tzinfo=UTC)
    assert cancelled["STATUS"] == "CANCELLED"


def test_a_bookings_invitation_is_read_by_another_library() -> None:
    [file] = mail("booking.cancelled", sequence=3).iter_attachments()
    read = vobject.readOne(file.get_payload(decode=True).decode())
    assert (read.method.value, read.vevent.status.value) == ("CANCEL", "CANCELLED")
    assert read.vevent.sequence.value == "3"
    assert read.vevent.organizer.value == "mailto:notifications@roadworthy.test"
    assert read.vevent.attendee.value == f"mailto:{example('booking.created')['customer']['email']}"


def test_a_contact_is_written_to_and_else_the_account() -> None:
    contact = {"name": None, "email": "zoe@dealer.example", "phone": None}
    assert mail_about("service.created", {"contact": contact}) == Mail("zoe@dealer.example")
    assert mail_about("service.created", {"contact": None}) == Mail(None)
    assert mail_about("payment.failed", {"contact": contact}) == Mail(None)
    assert mail_about("deal.created", {}) is None


@pytest.mark.seed(56)
@pytest.mark.parametrize("event_type", sorted(TO_CUSTOMER))
def test_a_customer_is_not_written_to_when_the_partner_asked_so(event_type: str) -> None:
    data = example(event_type)

    assert mail_about(event_type, data) == Mail("sam@example.com")
    assert mail_about(event_type, data | {"skip_notification": True}) is None
    assert mail_about(event_type, data | {"customer": {"name": "Sam"}}) is None


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        (79650, "AUD", "AUD 796.50"),
        (123456789, "USD", "USD 1,234,567.89"),
        (1000, "JPY", "JPY 1,000"),
        (1234, "KWD", "KWD 1.234"),
        (0, "EUR", "EUR 0.00"),
        (12345, "RSD", "RSD 123.45"),
    ],
)
def test_money_has_its_currencys_decimals(amount: int, currency: str, text: str) -> None:
    assert formats.money(Amount(amount=amount, currency=currency)) == text


def test_whoever_disables_an_endpoint_is_not_told_of_it() -> None:
    assert mail_about("endpoint.disabled", {"reason": "asked"}) is None
    assert mail_about("endpoint.disabled", {"reason": "gone"}) is not None


def test_a_refund_in_parts_says_what_went_back_now_and_so_far() -> None:
    def part(nth: int, amount: int, made_at: str | None) -> dict[str, Any]:
        money = {"amount": amount, "currency": "AUD"}
        made = {"created_at": "2026-12-01T02:00:00Z", "made_at": made_at}
        return {"id": f"pay_1.{nth}", "amount": money, "reason": f"reason {nth}"} | made

    parts = [part(1, 1000, "2026-12-01T02:10:00Z"), part(2, 2500, "2026-12-01T03:10:00Z")]
    so_far = {"amount": 3500, "currency": "AUD"}
    made = mail("payment.refunded", refunds=[*parts, part(3, 99, None)], refunded=so_far)
    assert made["Subject"] == "Refunded: AUD 25.00"
    for kind in ("plain", "html"):
        for said in ("AUD 25.00", "reason 2", "AUD 35.00"):
            assert said in body(made, kind)
    before = mail("payment.refunded", refunds=[])
    assert before["Subject"] == "Refunded: AUD 445.50"


@pytest.mark.seed(71)
def test_a_workshop_that_found_more_asks_by_mail() -> None:
    changes = [{"field": "supplements/sup_1", "before": None, "after": "open"}]
    made = mail("service.updated", status="in-progress", changes=changes)
    assert made["Subject"].startswith("Please decide: more work on")
    waiting = "To be decided: The brake hoses are cracked. (AUD 220.00)"
    assert waiting in body(made, "plain").splitlines()


@pytest.mark.parametrize(
    ("field", "after", "subject"),
    [("supplements/sup_1", "declined", "Decided"), ("scheduled_at", AT.isoformat(), "Rescheduled")],
)
def test_what_changed_is_in_the_subject(field: str, after: str, subject: str) -> None:
    changes = [{"field": field, "before": None, "after": after}]
    made = mail("service.updated", status="in-progress", changes=changes)
    assert made["Subject"].startswith(f"{subject}: ")


@pytest.mark.parametrize("field", ["items/itm_1", "paid", "total"])
def test_nobody_is_written_to_about_each_line(field: str) -> None:
    changes = [{"field": field, "before": None, "after": "done"}]
    assert mail_about("service.updated", example("service.updated", changes=changes)) is None


def test_an_invoice_says_what_is_due_until_when_and_where_it_is() -> None:
    text = body(mail("invoice.created"), "plain")
    assert "To be paid: AUD 445.50" in text
    assert "Due: Thu 17 Dec 2026" in text
    assert "Open the invoice (PDF): https://roadworthy.test/v1/invoices/inv_" in text
    assert "Pay the invoice: https://roadworthy.test/checkout/invoices/inv_" in text
    assert "To be paid" not in body(mail("invoice.paid"), "plain")


def test_a_long_invoice_is_cut_short_in_its_mail() -> None:
    line = example("invoice.created")["lines"][0]
    text = body(mail("invoice.created", lines=[line] * 50), "plain")
    assert text.count("Detailing: ") == 20
    assert "Further lines: 30" in text
