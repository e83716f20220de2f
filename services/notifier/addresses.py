"""Which addresses a webhook may go to: public ones, and what an operator allowed on top.

The check is made on what a name resolved to, and again on every attempt: a name can change its
mind between registration and connection (DNS rebinding).
"""

from __future__ import annotations

import socket
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

# Both carry an IPv4 address that the far end of a tunnel would connect to. NAT64's well-known
# prefix does as well, but there it is how an IPv6-only host reaches all of IPv4.
_TUNNELS = (ip_network("2002::/16"), ip_network("2001::/32"))
_NAT64 = ip_network("64:ff9b::/96")
_LOCAL_NAT64 = ip_network("64:ff9b:1::/48")
_COMPATIBLE = ip_network("::/96")
# What IANA's registries of special purposes have besides, and Python before 3.13 takes for public;
# site-local addresses (RFC 3879) it still does.
_SPECIAL = tuple(
    map(ip_network, ("192.0.0.0/24", "192.88.99.0/24", "3fff::/20", "5f00::/16", "fec0::/10"))
)


class AddressRefused(OSError):
    """The address isn't public, and no setting allows it."""


def literal(host: str) -> Address | None:
    """Read an address in any spelling that a resolver takes (`0x7f.1`, `2130706433`, `[::1]`)."""
    host = host.removesuffix(".")
    try:
        return ip_address(host.strip("[]"))
    except ValueError:
        pass
    try:
        return IPv4Address(socket.inet_aton(host))
    except (OSError, ValueError):
        return None


def allowed(address: Address, networks: Sequence[Network]) -> bool:
    """Tell whether a setting allows this address, wrapped in IPv6 or not."""
    inner = _unwrapped(address)
    return any(inner in network for network in networks if network.version == inner.version)


def refuse_unless_public(address: Address, networks: Sequence[Network]) -> None:
    """Raise AddressRefused unless the address is public or allowed."""
    if not allowed(address, networks) and not _public(_unwrapped(address)):
        raise AddressRefused("the address isn't public")


def _unwrapped(address: Address) -> Address:
    if isinstance(address, IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address


def _public(address: Address) -> bool:
    if isinstance(address, IPv6Address) and any(
        address in network for network in (*_TUNNELS, _LOCAL_NAT64, _COMPATIBLE)
    ):
        return False
    if any(address in network for network in _SPECIAL):
        return False
    return address.is_global and not (
        address.is_multicast or address.is_reserved or address.is_unspecified
    )
