"""What the HTTP server allows: one frozen object, made from the configuration."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from agentd.http.addresses import TrustedProxies
from agentd.http.hosts import HostList

__all__ = ["KIB", "MIB", "Policy"]

KIB = 1024
MIB = 1024 * KIB


def _as_it_is(path: str) -> str:
    return path


@dataclass(frozen=True)
class Policy:
    """Sizes in bytes, times in seconds."""

    hosts: HostList = field(default_factory=HostList)
    """Names that are served; any other ``Host`` gets 421."""
    proxies: TrustedProxies = field(default_factory=TrustedProxies)
    """Proxies whose word about the client's address is believed."""
    max_url: int = 16 * KIB
    """A longer request target gets 414."""
    max_headers: int = 16 * KIB
    """More header bytes get 431."""
    max_body: int = MIB
    """A longer body gets 413, as soon as it is known to be longer."""
    max_connections: int = 2000
    """Beyond it the connection that has been idle for the longest time is closed; where none is, 503."""
    header_timeout: float = 10.0
    """From the first byte of a request to the end of its headers; then 408."""
    body_timeout: float = 60.0
    """From the end of the headers to the end of the body; then 408."""
    idle_timeout: float = 75.0
    """For how long a connection may stay open between requests."""
    send_timeout: float = 60.0
    """For how long a client may take to read the rest of an answer once the connection is to be closed."""
    path_for_log: Callable[[str], str] = _as_it_is
    """Takes secrets out of a path before it is logged. (The query never is.)"""
