"""Identifiers: UUIDv7 for events, prefixed and sortable TypeIDs for everything else.

Source: https://github.com/jetify-com/typeid : a prefix, `_`, 26 characters of base32.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import uuid_utils
from pydantic import StringConstraints

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_PAIRS = tuple(first + second for first in _ALPHABET for second in _ALPHABET)
_SHIFTS = tuple(range(120, -1, -10))


def new_event_id() -> str:
    """Make the id of an event (UUIDv7, text): made once, and the webhook's id too."""
    return str(uuid_utils.uuid7())


def new_id(prefix: str) -> str:
    """Make the id of a thing, such as `quo_01h455vb4pex5vsknk084sn02q`."""
    return _written(prefix, uuid_utils.uuid7().int)


def first_id(prefix: str, moment: datetime) -> str:
    """Say what ids of a kind begin from, if they are made at this moment or later."""
    return _written(prefix, int(moment.timestamp() * 1000) << 80)


def _written(prefix: str, value: int) -> str:
    return f"{prefix}_{''.join([_PAIRS[(value >> shift) & 1023] for shift in _SHIFTS])}"


Id = Annotated[str, StringConstraints(pattern=r"^[a-z]{3}_[0-7][0-9a-hjkmnp-tv-z]{25}$")]
"""An id of any kind in a request's body; the handler says which kind it must exist as."""
