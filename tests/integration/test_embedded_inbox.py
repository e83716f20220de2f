"""The mail server that keeps everything."""

from email.message import EmailMessage
from pathlib import Path

import aiosmtplib
import pytest

from roadworthy.embedded.inbox import Inbox


def mail(subject: str) -> EmailMessage:
    message = EmailMessage()
    message["From"] = "Roadworthy <noreply@roadworthy.example>"
    message["To"] = "Zoë <zoe@dealer.example>"
    message["Subject"] = subject
    return message


async def send(inbox: Inbox, message: EmailMessage) -> None:
    await aiosmtplib.send(
        message,
        hostname=inbox.host,
        port=inbox.port,
        recipients=["zoe@dealer.example", "blind@dealer.example"],
    )


async def test_a_mail_is_readable_in_all_its_parts(tmp_path: Path) -> None:
    message = mail("Naïve façade")
    message.set_content("It is done: 796,50 €\n")
    message.add_alternative("<p>It is <b>done</b></p>\n", subtype="html")
    message.add_attachment(
        b"BEGIN:VCALENDAR", maintype="text", subtype="calendar", filename="booking.ics"
    )
    async with Inbox(tmp_path / "inbox") as inbox:
        assert await inbox.health()
        await send(inbox, message)
        [kept] = inbox.mails()
        assert inbox.mail(kept.id) == kept
        assert inbox.mail("nothing") is None

    assert kept.subject == "Naïve façade"
    assert kept.sender == "Roadworthy <noreply@roadworthy.example>"
    assert kept.recipients == ("zoe@dealer.example", "blind@dealer.example")
    assert kept.text == "It is done: 796,50 €\n"
    assert kept.html == "<p>It is <b>done</b></p>\n"
    assert kept.attachments == ("booking.ics",)
    assert dict(kept.headers)["To"] == "Zoë <zoe@dealer.example>"


async def test_mails_survive_a_restart_and_are_listed_newest_first(tmp_path: Path) -> None:
    async with Inbox(tmp_path / "inbox") as inbox:
        for number in range(3):
            await send(inbox, mail(f"mail {number}"))
        former = inbox.address
    assert not await inbox.health()

    async with Inbox(tmp_path / "inbox") as inbox:
        assert inbox.address == former
        await send(inbox, mail("mail 3"))
        assert [kept.subject for kept in inbox.mails()] == ["mail 3", "mail 2", "mail 1", "mail 0"]
        assert [kept.subject for kept in inbox.mails(limit=1)] == ["mail 3"]


async def test_a_mail_that_has_no_room_is_refused_for_now_alone(tmp_path: Path) -> None:
    message = mail("Your booking")
    async with Inbox(tmp_path / "inbox") as inbox:
        draft = inbox.maildir / "tmp"
        draft.rename(tmp_path / "aside")
        draft.touch()  # nothing can be written below a file
        with pytest.raises(aiosmtplib.SMTPDataError) as refused:
            await send(inbox, message)
        draft.unlink()
        (tmp_path / "aside").rename(draft)
        await send(inbox, message)
        assert [kept.subject for kept in inbox.mails()] == ["Your booking"]
    assert refused.value.code == 452
