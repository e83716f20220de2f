"""How often a visitor of the booking page may try to change something."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from ipaddress import IPv6Address, ip_address, ip_network

WINDOW = timedelta(minutes=10)


class Deed(StrEnum):
    """What a visitor does that costs others something."""

    HOLD = "hold"
    BOOK = "book"
    CHANGE = "change"


ALLOWED = {Deed.HOLD: 10, Deed.BOOK: 20, Deed.CHANGE: 20}
"""Times within a window, of each visitor at each workshop."""


NETWORK_BITS = 64
"""What of an IPv6 address is a network's; the rest, whoever has the network draws as he likes."""


def told_apart_by(address: str) -> str:
    """Say what tells a visitor from others: an IPv4 address, or the network of an IPv6 address."""
    try:
        read = ip_address(address)
    except ValueError:
        return address
    if not isinstance(read, IPv6Address):
        return address
    if read.ipv4_mapped is not None:
        return str(read.ipv4_mapped)
    return str(ip_network((int(read), NETWORK_BITS), strict=False))


class TooOften(Exception):
    """The visitor has to wait as long as `left`."""

    def __init__(self, left: timedelta) -> None:
        self.left = left
        super().__init__(str(left))


def check(deed: Deed, count: int, since: datetime, now: datetime) -> None:
    """See that a visitor's `count`-th try since its window began is allowed; raises TooOften."""
    if count > ALLOWED[deed]:
        raise TooOften(since + WINDOW - now)
