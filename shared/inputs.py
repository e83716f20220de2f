"""The kinds of value that come in by HTTP, each refused by name when it is malformed."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

from shared.money import Money


class Body(BaseModel):
    """A request's body: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_LINE_ENDS = re.compile(r"[\n\v\f\r\x1c-\x1e\x85\u2028\u2029]")


def _storable(text: str) -> str:
    if _CONTROLS.search(text):
        raise PydanticCustomError("control-character", "Control characters are not accepted.")
    return text


def _one_line(text: str) -> str:
    # It will stand in the subject of a mail, a header, a log.
    if _LINE_ENDS.search(text):
        raise PydanticCustomError("more-than-a-line", "Give one line of text.")
    return _storable(text)


Line = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200),
    AfterValidator(_one_line),
]
"""One line of text, 200 characters at the most."""

Paragraph = Annotated[str, StringConstraints(max_length=4000), AfterValidator(_storable)]
"""Free text, kept as it was sent; 4,000 characters at the most."""


YEARS = range(1970, 2200)
"""Those that somebody may mean; the driver takes the first and last moments of all for infinity."""


def _in_utc(value: Any) -> datetime:
    if not isinstance(value, str):
        raise PydanticCustomError("not-a-time", "An RFC 3339 time is text.")
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise PydanticCustomError("not-a-time", "Not an RFC 3339 time.") from None
    if "T" not in value.upper() or moment.tzinfo is None or moment.utcoffset():
        raise PydanticCustomError("not-utc", "Give the time in UTC, such as 2026-12-01T06:00:00Z.")
    if moment.year not in YEARS:
        message = "Give a time of the years {first} to {last}."
        raise PydanticCustomError("out-of-range", message, {"first": YEARS[0], "last": YEARS[-1]})
    return moment.astimezone(UTC)


UtcMoment = Annotated[
    datetime,
    BeforeValidator(_in_utc),
    WithJsonSchema({"type": "string", "format": "date-time", "examples": ["2026-12-01T06:00:00Z"]}),
]
"""A moment in UTC; a naive time, or one with an offset, is refused."""


def _email(address: str) -> str:
    try:
        return validate_email(address, check_deliverability=False).normalized
    except EmailNotValidError as error:
        raise PydanticCustomError("not-an-email", "{why}", {"why": str(error)}) from None


Email = Annotated[
    str,
    StringConstraints(max_length=254),
    AfterValidator(_storable),
    AfterValidator(_email),
    WithJsonSchema({"type": "string", "format": "email", "maxLength": 254}),
]
"""An address that could be written to; whether it is there shows when it is."""


def _phone(number: str) -> str:
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        parsed = None
    if parsed is None or not phonenumbers.is_possible_number(parsed):
        message = "Give the phone number in E.164, such as +61412345678."
        raise PydanticCustomError("not-e164", message)
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


Phone = Annotated[
    str,
    StringConstraints(pattern=r"^\+[1-9][0-9]{6,14}$"),
    AfterValidator(_phone),
]
"""A phone number in E.164."""

CountryCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
"""ISO 3166-1 alpha-2."""

RegionCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}-[A-Z0-9]{1,3}$")]
"""ISO 3166-2: a state or province, with its country."""

JURISDICTION = r"^[A-Z]{2}(-[A-Z0-9]{1,3})?$"
"""A country or one of its regions."""

MAX_AMOUNT = 10**12


class MoneyInput(Body):
    """Money in minor units of an ISO 4217 currency."""

    amount: int = Field(strict=True, ge=0, le=MAX_AMOUNT, examples=[79650])
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] = Field(examples=["AUD"])

    def money(self) -> Money:
        """Read it as an amount to reckon with."""
        return Money(self.amount, self.currency)


class MoneyOut(BaseModel):
    """Money in minor units of an ISO 4217 currency."""

    amount: int = Field(examples=[79650])
    currency: str = Field(examples=["AUD"])

    @classmethod
    def of(cls, money: Money) -> MoneyOut:
        """Show an amount."""
        return cls(amount=money.amount, currency=money.currency)


_NO_FIXED_LENGTH = re.compile(r"P[^T]*[YM]")


def _iso8601(value: Any) -> Any:
    if not (isinstance(value, str) and value.startswith("P")):
        raise PydanticCustomError("not-a-duration", "Give a duration as ISO 8601: PT1H30M.")
    if _NO_FIXED_LENGTH.match(value):
        message = "Give days, weeks or less: no year or month is as long as every other."
        raise PydanticCustomError("not-a-duration", message)
    return value


IsoDuration = Annotated[timedelta, BeforeValidator(_iso8601)]
"""A duration in ISO 8601; how long it may be is for whoever takes it."""


def whole_minutes(longest: timedelta, said: str) -> Callable[[timedelta], timedelta]:
    """Make a check that a duration is of whole minutes, up to the longest, as it is said."""

    def check(duration: timedelta) -> timedelta:
        if not timedelta() < duration <= longest or duration % timedelta(minutes=1):
            raise PydanticCustomError(
                "not-a-duration", "Give whole minutes, up to {longest}.", {"longest": said}
            )
        return duration

    return check
