"""Which addresses may be spoken to.

This machine's, or with ``outbound`` others, but never those that hand out a machine's credentials.

A name is looked up once, every address that it has is judged, and the connection then goes to one
of these very addresses: a name whose answer changes between the look and the connection gains
nothing. Link-local addresses (RFC 3927; RFC 4291, section 2.5.6) are where clouds keep the metadata
of a machine; a few keep them elsewhere, and those are listed.
"""

from __future__ import annotations

import socket
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

Address = IPv4Address | IPv6Address

_METADATA = tuple(
    map(
        ip_network,
        (
            "fd00:ec2::/32",  # EC2's instance metadata and its neighbours (time, DNS) over IPv6
            "100.100.100.200/32",  # Alibaba Cloud
            "192.0.0.192/32",  # Oracle Cloud
            "168.63.129.16/32",  # Azure's wire server
            "fd20:ce::254/128",  # Google Cloud over IPv6
        ),
    )
)
_EMBEDDING = tuple(map(ip_network, ("64:ff9b::/96", "64:ff9b:1::/48", "::ffff:0:0:0/96", "::/96")))
"""IPv6 addresses that end in an IPv4 address: those of NAT64 (RFC 6052, RFC 8215), translated ones
(RFC 7915), and the old compatible ones."""


def is_loopback(host: str) -> bool:
    """Whether a host is this machine: ``localhost``, 127.0.0.0/8 or ::1, written out.

    Other names are not looked up, for their answer may change between the look and the connection.
    """
    if host.lower() == "localhost":
        return True
    try:
        return _is_here(ip_address(host.strip("[]")))
    except ValueError:
        return False


def _is_here(address: Address) -> bool:
    """Whether what is sent there stays on this machine; a translator would be another one."""
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return address.is_loopback if mapped is None else mapped.is_loopback


def meant(address: Address) -> Address:
    """The address that is reached in the end: an IPv4 one that is written as an IPv6 one."""
    if isinstance(address, IPv4Address):
        return address
    inner = address.ipv4_mapped or address.sixtofour
    if address.teredo is not None:
        inner = address.teredo[1]  # the client behind the tunnel (RFC 4380)
    if inner is None and any(address in known for known in _EMBEDDING) and int(address) > 1:
        inner = IPv4Address(int(address) & 0xFFFFFFFF)
    return address if inner is None else inner


def is_forbidden(address: Address) -> bool:
    """Whether nothing may ever be sent there: metadata, link-local, unspecified or multicast."""
    where = meant(address)
    known = any(where in each for each in _METADATA if each.version == where.version)
    return known or where.is_link_local or where.is_unspecified or where.is_multicast


def looked_up(host: str, port: int) -> list[Address]:
    """The addresses of a name, in the system's order. Raises OSError for one that has none."""
    bare = host.strip("[]").partition("%")[0]
    try:
        rows = socket.getaddrinfo(bare, port, type=socket.SOCK_STREAM)
    except UnicodeError:
        raise OSError(f"{host!r} is no name") from None
    return [ip_address(str(row[4][0]).partition("%")[0]) for row in rows]


def choose(host: str, port: int, *, outbound: bool) -> tuple[list[Address], str]:
    """The addresses to try for a host, or none and why, in one sentence. Looks up names.

    Raises OSError for a name without addresses.
    """
    if not (outbound or is_loopback(host)):
        return [], (
            f"{host} is not this machine, and the simulator delivers to no other: make a receiver "
            f"for {host}, use a loopback address, or allow other hosts with outbound=True."
        )
    found = looked_up(host, port)
    forbidden = next((each for each in found if is_forbidden(each)), None)
    if forbidden is not None:
        return [], (
            f"{host} is {forbidden}, an address of a machine's metadata or of no machine; nothing "
            "is ever sent there."
        )
    if not outbound:
        found = [each for each in found if _is_here(each)]
    return found, "" if found else f"{host} is not this machine, whatever its name says."
