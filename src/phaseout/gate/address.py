"""Addresses as they are compared, IPv4 in IPv6's clothes (``::ffff:192.0.2.7``) as IPv4; and the ports of them."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

_MAPPED: Final = IPv6Network("::ffff:0:0/96")

LARGEST_PORT: Final = 65_535
"""What is larger, the system would take for another port, or for none."""


def address_of(text: str) -> IPv4Address | IPv6Address:
    """Read an address.

    Raises:
        ValueError: it is none.

    Example:
        >>> address_of("::ffff:192.0.2.7")
        IPv4Address('192.0.2.7')
    """
    address = ip_address(text)
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address


def networks_of(text: str) -> tuple[IPv4Network | IPv6Network, ...]:
    """Read a network, or an address as the network of it alone; one that IPv4 in IPv6's form lies in is that network, too.

    Raises:
        ValueError: it is neither.

    Example:
        >>> networks_of("::ffff:192.0.2.0/120"), networks_of("::/0")
        ((IPv4Network('192.0.2.0/24'),), (IPv6Network('::/0'), IPv4Network('0.0.0.0/0')))
    """
    network = ip_network(text)
    if isinstance(network, IPv4Network):
        return (network,)
    if network.subnet_of(_MAPPED):
        return (IPv4Network((int(network.network_address) & 0xFFFF_FFFF, network.prefixlen - _MAPPED.prefixlen)),)
    return (network, IPv4Network("0.0.0.0/0")) if _MAPPED.subnet_of(network) else (network,)


def spelt(text: str) -> str:
    """Return an address in the one spelling of it; what is no address stays.

    Example:
        >>> spelt("2001:DB8:0::1"), spelt("::FFFF:c000:207"), spelt("unknown")
        ('2001:db8::1', '192.0.2.7', 'unknown')
    """
    if ":" not in text:
        return text
    try:
        return str(address_of(text))
    except ValueError:
        return text


def port_of(text: str) -> int:
    """Read a port; 0 lets the system choose one.

    Raises:
        ValueError: it is none.

    Example:
        >>> port_of("14001")
        14001
    """
    if not (text.isascii() and text.isdecimal()) or len(text) > len(str(LARGEST_PORT)) or int(text) > LARGEST_PORT:
        message = f'"{text}" is no port: one is a number up to {LARGEST_PORT}'
        raise ValueError(message)
    return int(text)
