"""Who asks without a token: told apart by what a network can't make more of at will."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv6Address, ip_address, ip_network

NETWORK_BITS = 64
"""What of an IPv6 address is a network's; the rest, whoever has the network draws as he likes."""


@lru_cache(maxsize=1024)
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
