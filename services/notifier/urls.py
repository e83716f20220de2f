"""A webhook's URL, checked when it is registered; its address is checked again on each attempt."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from urllib.parse import urlsplit

from services.notifier.addresses import (
    Address,
    AddressRefused,
    Network,
    allowed,
    refuse_unless_public,
)
from services.notifier.resolver import Resolver
from shared.problems import Problem, invalid

RESOLVE_SECONDS = 3.0


class Urls:
    """Says which URLs may be registered."""

    def __init__(self, networks: Sequence[Network], resolver: Resolver) -> None:
        self._networks = networks
        self._resolver = resolver

    async def check(self, url: str, account: str) -> None:
        """Raise a Problem that names `/url` unless an account's webhooks may go there."""
        try:
            parts = urlsplit(url)
            host, _ = parts.hostname, parts.port
        except ValueError:
            raise _refused("malformed-url", "This is not a URL.") from None
        if parts.scheme not in ("https", "http") or not host or not url.isascii():
            raise _refused("malformed-url", "Give an https URL, in ASCII.")
        if "@" in parts.netloc or parts.fragment or "\\" in url:
            raise _refused("malformed-url", "Give a URL without user, fragment and backslash.")
        addresses = await self._addresses(host, account)
        private_by_permission = bool(addresses) and all(
            allowed(address, self._networks) for address in addresses
        )
        if parts.scheme == "http" and not private_by_permission:
            raise _refused("https-required", "Webhooks go by https.")
        try:
            for address in addresses:
                refuse_unless_public(address, self._networks)
        except AddressRefused:
            raise _refused("address-refused", "The address isn't public.") from None

    async def _addresses(self, host: str, account: str) -> Sequence[Address]:
        try:
            async with asyncio.timeout(RESOLVE_SECONDS):
                return await self._resolver.resolve(host, account)
        except (OSError, UnicodeError, TimeoutError):
            # It may exist tomorrow; until then each attempt fails by name.
            return []


def _refused(code: str, message: str) -> Problem:
    return invalid("/url", code, message)
