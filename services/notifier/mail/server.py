"""A mail server, and what its refusals mean."""

from __future__ import annotations

from dataclasses import dataclass
from email.message import EmailMessage

import aiosmtplib

SMTP_SECONDS = 30.0

_STARTTLS = {"none": False, "opportunistic": None, "starttls": True, "tls": False}

NOT_THERE = frozenset({550, 551, 553})
"""No such mailbox, moved away, name not allowed (RFC 5321, 4.2.3): trying later can't help."""


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
    """Tell whether the server knows no such recipient."""
    match error:
        case aiosmtplib.SMTPRecipientsRefused(recipients=refused):
            return all(each.code in NOT_THERE for each in refused)
    return False


def reason(error: Exception) -> str:
    """Say what the server said."""
    code = getattr(error, "code", None)
    return f"{type(error).__name__}{f' {code}' if code else ''}: {error}"[:500]
