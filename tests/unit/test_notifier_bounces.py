"""Delivery status notifications (RFC 3464), as mail servers write them."""

from __future__ import annotations

from email.message import EmailMessage

import pytest

from services.notifier.mail.bounces import Bounce, read

EVENT_ID = "019b0540-0000-7000-8000-000000000001"


def notification(*recipients: str, original: str = "message/rfc822") -> bytes:
    blocks = "\r\n".join(recipients)
    return (
        "From: MAILER-DAEMON@mx.example\r\nSubject: Undelivered Mail Returned to Sender\r\n"
        "MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; "
        'boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nI'm sorry to have to inform you ...\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
        f"{blocks}\r\n--b\r\nContent-Type: {original}\r\n\r\n"
        f"Message-ID: <{EVENT_ID}@roadworthy.dev>\r\nSubject: Your booking\r\n\r\nHello\r\n"
        "--b--\r\n"
    ).encode()


def recipient(status: str, action: str = "failed", address: str = "Sam@Gone.example") -> str:
    return (
        f"Final-Recipient: rfc822; {address}\r\nAction: {action}\r\nStatus: {status}\r\n"
        "Diagnostic-Code: smtp; 550 5.1.1 no such user\r\n"
    )


@pytest.mark.parametrize("original", ["message/rfc822", "text/rfc822-headers"])
def test_who_is_not_there_and_which_mail_it_was(original: str) -> None:
    report = read(notification(recipient("5.1.1"), original=original))

    assert report is not None
    assert report.event_id == EVENT_ID
    detail = "smtp; 550 5.1.1 no such user"
    assert report.bounces == (Bounce("sam@gone.example", "5.1.1", detail, hard=True),)


@pytest.mark.parametrize(
    ("status", "hard"),
    [
        ("5.1.1", True),
        ("5.1.10", True),
        ("5.2.1 (shut)", True),
        ("5.2.2", False),
        ("5.7.1", False),
        ("5.1.8", False),  # the sender's, that is ours
    ],
)
def test_only_a_missing_mailbox_is_for_ever(status: str, hard: bool) -> None:
    report = read(notification(recipient(status)))

    assert report is not None
    assert [each.hard for each in report.bounces] == [hard]


def test_a_failure_is_one_however_it_is_written() -> None:
    report = read(notification(recipient("5.1.1", action="Failed")))

    assert report is not None
    assert [each.address for each in report.bounces] == ["sam@gone.example"]


def test_what_is_delayed_or_of_another_kind_is_no_bounce() -> None:
    report = read(
        notification(recipient("4.4.1", action="delayed"), recipient("5.1.1", address=""))
    )
    plain = EmailMessage()
    plain.set_content("Out of office")

    assert report is not None
    assert [each.address for each in report.bounces if each.address] == []
    assert read(plain.as_bytes()) is None
    assert read(b"") is None


def test_what_no_mail_server_writes_is_no_notification() -> None:
    parts = (
        f'--b{depth}\r\nContent-Type: multipart/mixed; boundary="b{depth + 1}"\r\n\r\n'
        for depth in range(3000)
    )
    head = 'Content-Type: multipart/report; boundary="b0"\r\n\r\n'
    assert read((head + "".join(parts)).encode()) is None


@pytest.mark.parametrize("address", ["a" * 250 + "@x.example", "sam\x07@gone.example"])
def test_what_is_no_address_is_no_bounce(address: str) -> None:
    report = read(notification(recipient("5.1.1", address=address)))

    assert report is not None
    assert report.bounces == ()
