"""A mail server, and what its refusals mean."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.message import EmailMessage

import aiosmtplib

from services.notifier.domain.mailing import NOBODY_THERE

SMTP_SECONDS = 30.0

_STARTTLS = {"none": False, "opportunistic": None, "starttls": True, "tls": False}

NOT_THERE = frozenset({550, 551, 553})
"""No such mailbox, moved away, name not allowed (RFC 5321, 4.2.3), or a policy: 550 is both."""

_ENHANCED = re.compile(r"(?:^|\n)([245]\.\d{1,3}\.\d{1,3})(?!\S)")


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mails are handed in; `security` is a key of the setting `SMTP_SECURITY`."""

    host: str
    port: int
    username: str | None
    password: str
    security: str

    async def take(self, mail: EmailMessage) -> None:
        """Hand one mail in; raises SMTPException or OSError."""
        await aiosmtplib.send(
            mail,
            hostname=self.host,
            port=self.port,
            username=self.username,
            password=self.password if self.username else None,
            use_tls=self.security == "tls",
            start_tls=_STARTTLS[self.security],
            timeout=SMTP_SECONDS,
        )


def is_final(error: Exception) -> bool:
    """Tell whether the server refused this very mail for good (5xx)."""
    match error:
        case aiosmtplib.SMTPRecipientsRefused(recipients=refused):
            return all(each.code >= 500 for each in refused)
        case aiosmtplib.SMTPSenderRefused() | aiosmtplib.SMTPDataError():
            return error.code >= 500
    return False


def nobody_there(error: Exception) -> bool:
    """Tell whether the server knows no such recipient.

    Its enhanced status says so, if there is one: else whoever bans a sender by 550 5.7.1 would have
    all of its recipients suppressed.
    """
    match error:
        case aiosmtplib.SMTPRecipientsRefused(recipients=refused):
            return all(each.code in NOT_THERE and _is_nobody(each.message) for each in refused)
    return False


def _is_nobody(said: str) -> bool:
    enhanced = _ENHANCED.search(said)
    return enhanced is None or enhanced[1] in NOBODY_THERE


def reason(error: Exception) -> str:
    """Say what the server said."""
    code = getattr(error, "code", None)
    return f"{type(error).__name__}{f' {code}' if code else ''}: {error}"[:500]
