"""How mails look, as it is asked and shown."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

from services.notifier.domain.brand import Brand
from services.notifier.handlers.mails import Preview
from services.notifier.repository.account_hours import AccountHour
from shared.inputs import Body, Email, Line

Language = Literal["en", "de", "es"]
Colour = Annotated[
    str, StringConstraints(pattern=r"^#[0-9a-fA-F]{6}$"), Field(examples=["#0b5fff"])
]


def _https(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        raise PydanticCustomError("not-https", "Give an https URL.") from None
    if parts.scheme != "https" or not parts.hostname or "@" in parts.netloc:
        raise PydanticCustomError("not-https", "Give an https URL.")
    return url


HttpsUrl = Annotated[
    str,
    StringConstraints(max_length=2048, pattern=r"^[\x21-\x7e]+$"),
    AfterValidator(_https),
]


class BrandInput(Body):
    """How mails look, and their language; what is left out is as we have it."""

    name: Line | None = None
    colour: Colour | None = None
    logo_url: HttpsUrl | None = None
    reply_to: Email | None = None
    language: Language = "en"
    texts: bool = False
    """Whether customers get booking confirmations and reminders as text messages, too."""

    def brand(self, partner_id: str) -> Brand:
        """Read it as the handlers know it."""
        return Brand(partner_id, **self.model_dump())


class BrandOut(BaseModel):
    """How an account's mails look."""

    model_config = ConfigDict(from_attributes=True)

    partner_id: str
    name: str | None
    colour: str | None
    logo_url: str | None
    reply_to: str | None
    language: Language
    texts: bool

    @classmethod
    def of(cls, brand: Brand) -> BrandOut:
        """Show it."""
        return cls.model_validate(brand)


class MailUsageOut(BaseModel):
    """How many mails and texts an account had sent to others in the last hour, and what waits.

    `waiting` counts up to 10,000, the last of which goes out at `waiting_until`.
    """

    partner_id: str
    per_hour: int
    sent_last_hour: int
    waiting: int
    waiting_until: datetime | None

    @classmethod
    def of(cls, hour: AccountHour) -> MailUsageOut:
        """Show it."""
        return cls(
            partner_id=hour.partner_id,
            per_hour=hour.per_hour,
            sent_last_hour=hour.sent,
            waiting=hour.waiting,
            waiting_until=hour.until,
        )


class PreviewInput(Body):
    """Of which type of event, and in which language; without one, the account's."""

    type: Annotated[str, StringConstraints(max_length=100), Field(examples=["booking.created"])]
    language: Language | None = None


class PreviewOut(BaseModel):
    """A mail as it would go out, and the text message beside it, if there is one."""

    subject: str
    text: str
    html: str
    text_message: str | None

    @classmethod
    def of(cls, preview: Preview) -> PreviewOut:
        """Show it."""
        words = preview.words
        return cls(
            subject=words.subject,
            text=words.text,
            html=words.html,
            text_message=preview.text_message,
        )
