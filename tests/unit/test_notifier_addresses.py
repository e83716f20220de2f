"""Which addresses a webhook may go to."""

from ipaddress import ip_address, ip_network

import pytest

from services.notifier.addresses import AddressRefused, literal, refuse_unless_public

LOOPBACK = [ip_network("127.0.0.0/8"), ip_network("::1/128")]


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.255.255.254",
        "0.0.0.0",  # noqa: S104 - refused, not bound
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "192.0.0.1",
        "192.0.0.8",
        "192.0.2.1",
        "192.88.99.1",
        "198.18.0.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::7f00:1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::1",
        "2001::7f00:1",
        "2001:db8::1",
        "2002:7f00:1::",
        "2002:808:808::",
        "fc00::1",
        "fe80::1",
        "fec0::1",
        "3fff::1",
        "5f00::1",
        "ff02::1",
    ],
)
def test_what_is_not_public_is_refused(address: str) -> None:
    with pytest.raises(AddressRefused):
        refuse_unless_public(ip_address(address), [])


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "2606:4700:4700::1111", "64:ff9b::808:808", "::ffff:8.8.8.8"]
)
def test_what_is_public_passes(address: str) -> None:
    refuse_unless_public(ip_address(address), [])


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "::ffff:127.0.0.1"])
def test_an_operator_may_allow_a_range(address: str) -> None:
    refuse_unless_public(ip_address(address), LOOPBACK)


def test_an_allowed_range_allows_nothing_else() -> None:
    with pytest.raises(AddressRefused):
        refuse_unless_public(ip_address("10.0.0.1"), LOOPBACK)


@pytest.mark.parametrize(
    "spelling",
    ["2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "127.1", "127.0.0.1", "127.0.0.1."],
)
def test_other_spellings_are_read_as_the_resolver_would(spelling: str) -> None:
    assert literal(spelling) == ip_address("127.0.0.1")


def test_a_name_is_no_literal() -> None:
    assert literal("hooks.example.com") is None
