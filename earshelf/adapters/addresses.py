"""Which network addresses a URL from outside may lead to."""

import socket
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any

_NAT64 = IPv6Network("64:ff9b::/96")
_AddressInfo = tuple[int | socket.AddressFamily, int | socket.SocketKind, int, str, tuple[Any, ...]]


class PrivateAddress(PermissionError):
    """The address belongs to this machine or its network; whoever sent the URL has no business there."""


def is_public(text: str) -> bool:
    """Whether an IP address is out on the internet: not private, loopback, link-local, shared, multicast or reserved.

    IPv6 addresses that wrap an IPv4 address are judged by the wrapped one.
    """
    address = _unwrapped(ip_address(text.partition("%")[0]))
    return address.is_global and not address.is_multicast and not address.is_reserved


def public_socket(info: _AddressInfo) -> socket.socket:
    """Makes the socket for a connection about to be opened, judging the address that will really be dialled.

    A name that resolves to something else than it did a moment ago is caught here, and nowhere earlier.

    :raises PrivateAddress: the address is not public.
    """
    family, kind, protocol, _, target = info
    if not is_public(target[0]):
        raise PrivateAddress("private address")
    return socket.socket(family=family, type=kind, proto=protocol)


def _unwrapped(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address
