"""The kinds of value that webhooks are asked with."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field, StringConstraints
from pydantic_core import PydanticCustomError

MAX_PATTERNS = 50

Patterns = Annotated[
    list[Annotated[str, StringConstraints(min_length=1, max_length=100)]],
    Field(min_length=1, max_length=MAX_PATTERNS, examples=[["service.*", "booking.created"]]),
]
"""Names of event types, families (`service.*`), or `*`."""

Reference = Annotated[str, StringConstraints(pattern=r"^[\x21-\x7e]{1,64}$")]
"""An id of anything; one that nobody has finds nothing."""

Vin = Annotated[
    str,
    StringConstraints(strip_whitespace=True, to_upper=True, pattern=r"^[A-Za-z0-9]{5,32}$"),
    Field(examples=["1HGCM82633A004352"]),
]
"""A VIN to look for: whoever took it in has checked it."""


def require_in_order(since: datetime | None, until: datetime | None) -> None:
    """Refuse a time that ends before it begins."""
    if since is not None and until is not None and until <= since:
        raise PydanticCustomError("reversed-times", "`until` has to be later than `since`.")
