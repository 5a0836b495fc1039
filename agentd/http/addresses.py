"""Who is at the other end: the client's address, behind proxies or not.

``X-Forwarded-For`` and ``Forwarded`` (RFC 7239) are believed only from a configured proxy, and
only as far as the chain of such proxies reaches: the first address from the right that is none of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import NamedTuple

from twisted.internet.interfaces import IAddress
from twisted.web.http_headers import Headers

__all__ = ["UNIX", "Client", "Networks", "TrustedProxies", "normal_address"]

UNIX = "unix"
"""The address of whoever comes over a UNIX socket."""

Networks = tuple[IPv4Network | IPv6Network, ...]

_TRACES = frozenset((b"X-Forwarded-For", b"Forwarded", b"X-Real-Ip", b"X-Forwarded-Host", b"X-Forwarded-Proto", b"Via"))
"""Headers that proxies leave, spelt as Twisted's ``Headers`` spells them."""


class Client(NamedTuple):
    """Where a request comes from."""

    address: str
    """An IP address in its usual form, or ``unix``."""
    sure: bool
    """False where a proxy stands in between that is not a configured one, or whose headers contradict each
    other: such an address is good for counting, never for granting anything."""

    @property
    def loopback(self) -> bool:
        """Whether the client surely is on this machine."""
        return self.sure and (self.address == UNIX or _is_loopback(self.address))

    def within(self, networks: Iterable[IPv4Network | IPv6Network]) -> bool:
        """Whether the client surely is in one of the networks."""
        if not self.sure or self.address == UNIX:
            return False
        address = ip_address(self.address)
        return any(address in network for network in networks)


class TrustedProxies:
    """The configured proxies: networks such as ``10.0.0.0/8``, single addresses, or ``unix``."""

    def __init__(self, proxies: Iterable[str] = ()) -> None:
        """Raises ValueError for what is no network."""
        names = tuple(proxies)
        self._unix = UNIX in names
        self._networks: Networks = tuple(ip_network(name) for name in names if name != UNIX)

    def trusts(self, address: str) -> bool:
        """Whether that address is a configured proxy's."""
        if address == UNIX:
            return self._unix
        if not self._networks:
            return False
        parsed = ip_address(address)
        return any(parsed in network for network in self._networks)

    def client(self, peer: IAddress, headers: Headers) -> Client:
        """Who sent the request that came from ``peer`` with these headers."""
        near = normal_address(getattr(peer, "host", "")) or UNIX
        if _TRACES.isdisjoint([name for name, _ in headers.getAllRawHeaders()]):
            return Client(near, sure=True)
        if not self.trusts(near):
            return Client(near, sure=False)
        chains = [
            chain
            for chain in (
                _x_forwarded_for(headers.getRawHeaders(b"X-Forwarded-For", [])),
                _forwarded(headers.getRawHeaders(b"Forwarded", [])),
            )
            if chain
        ]
        found = {self._first_outside(chain) for chain in chains}
        # A proxy sets one of the two and may let the other pass as the client sent it: they have to agree.
        if len(found) != 1 or "" in found:
            return Client(near, sure=False)
        return Client(found.pop(), sure=True)

    def _first_outside(self, chain: list[str]) -> str:
        """The last address of the chain that is no proxy of ours; empty if it is unreadable."""
        for hop in reversed(chain):
            address = normal_address(hop)
            if not address or not self.trusts(address):
                return address
        return normal_address(chain[0])


@lru_cache(maxsize=4096)
def normal_address(text: str) -> str:
    """An IP address in its usual form (``[::FFFF:127.0.0.1]:80`` is ``127.0.0.1``); else empty."""
    text = text.strip().strip('"')
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address: IPv4Address | IPv6Address = ip_address(text.partition("%")[0])
    except ValueError:
        return ""
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return str(address)


@lru_cache(maxsize=4096)
def _is_loopback(address: str) -> bool:
    return ip_address(address).is_loopback


def _x_forwarded_for(values: Sequence[bytes]) -> list[str]:
    return [hop for value in values for hop in value.decode("latin-1").split(",") if hop.strip()]


def _forwarded(values: Sequence[bytes]) -> list[str]:
    """The ``for=`` of each element; an element without one counts as unreadable."""
    hops = []
    for value in values:
        for element in value.decode("latin-1").split(","):
            pairs = (pair.strip().partition("=") for pair in element.split(";"))
            named = {name.lower(): text for name, _, text in pairs}
            hops.append(named.get("for", "unknown"))
    return hops
