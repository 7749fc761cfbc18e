"""Where subscribers may be: addresses that were allowed, looked at each time anew.

A subscriber names the address that the hub calls. It must not lead to what only the hub can reach
(server-side request forgery): the name has to be allowed, every address that it stands for too,
and the address that was looked at is the one that is called.
"""

from __future__ import annotations

import socket
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import SplitResult, urlsplit

from hub.config import Subscribers
from hub.errors import WrongUse

_PORTS = {"https": 443, "http": 80}


class NotAllowed(WrongUse):
    """Nothing may be sent to this address."""

    status = 422


@dataclass(frozen=True, slots=True)
class Place:
    """An address that may be called, and the name by which."""

    scheme: str
    host: str
    port: int
    address: str
    path: str

    @property
    def url(self) -> str:
        """Return the address with the number instead of the name, so that no name leads away."""
        number = f"[{self.address}]" if ":" in self.address else self.address
        return f"{self.scheme}://{number}:{self.port}{self.path}"

    @property
    def name(self) -> str:
        """Return the name as the header `Host` has it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"


def place_of(url: str, allowed: Subscribers) -> Place:
    """Return where a URL leads; raise NotAllowed where nothing may be sent there."""
    said = _split(url)
    host = said.hostname or ""
    port = said.port or _PORTS[said.scheme]
    literal = _number(host)
    if literal is None and not _named(host, allowed):
        raise NotAllowed("the host is not among those that subscribers may have")
    found = _resolved(host, port) if literal is None else [literal]
    public = literal is None and said.scheme == "https"
    if not all(_allowed(one, allowed, public=public) for one in found):
        raise NotAllowed("the host's address is not among those that subscribers may have")
    path = (said.path or "/") + (f"?{said.query}" if said.query else "")
    return Place(said.scheme, host, port, str(found[0]), path)


def _allowed(address: IPv4Address | IPv6Address, allowed: Subscribers, *, public: bool) -> bool:
    if any(address in network for network in allowed.networks):
        return True
    return public and address.is_global and not address.is_multicast


def _split(url: str) -> SplitResult:
    try:
        said = urlsplit(url)
        usable = said.scheme in _PORTS and said.hostname and said.port != 0
    except ValueError:
        usable = False
    if not usable or said.username is not None or said.fragment or not url.isascii():
        raise NotAllowed("a subscriber has an address like https://host/path, without a user")
    return said


def _number(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def _named(host: str, allowed: Subscribers) -> bool:
    above = (f"*.{host.split('.', part)[-1]}" for part in range(1, host.count(".") + 1))
    return host in allowed.hosts or not allowed.hosts.isdisjoint(above)


def _resolved(host: str, port: int) -> list[IPv4Address | IPv6Address]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError:
        raise NotAllowed("the host has no address") from None
    return [_unmapped(ip_address(one[4][0])) for one in found]


def _unmapped(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """Return the IPv4 address that an IPv6 address stands for, where it does."""
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address
