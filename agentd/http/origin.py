"""What the request says about its sender: bearer tokens, addresses, and the site whose page sent it."""

# mypy: allow-untyped-calls
# (Twisted's HTTP classes carry no annotations.)

from __future__ import annotations

import re
from urllib.parse import urlsplit

from twisted.web.iweb import IRequest

from agentd.http.addresses import Client, Networks, TrustedProxies
from agentd.http.hosts import host_name
from agentd.http.request import Request

__all__ = [
    "CrossSite",
    "bearer_token",
    "client_address",
    "cross_site",
    "from_networks",
    "require_same_site",
    "sure_address",
]

_BEARER = re.compile(rb"bearer +([A-Za-z0-9._~+/=-]{1,512}) *", re.IGNORECASE)
_NOBODY = TrustedProxies()


class CrossSite(Exception):
    """A browser sent this from another site's page, and the authority it carries is the browser's, not the page's."""


def client_address(request: IRequest) -> Client:
    """Who sent the request, through trusted proxies."""
    if isinstance(request, Request):
        return request.client_address
    return _NOBODY.client(request.getClientAddress(), request.requestHeaders)


def sure_address(request: IRequest) -> str:
    """The address that the request surely comes from, on which something may be granted; empty if that is not sure."""
    client = client_address(request)
    return client.address if client.sure else ""


def from_networks(request: IRequest, networks: Networks = ()) -> bool:
    """Whether the request surely comes from this machine or one of the networks.

    For faces that trust addresses: behind a proxy that is not a configured one the answer is no.
    """
    client = client_address(request)
    return client.loopback or client.within(networks)


def bearer_token(request: IRequest) -> str | None:
    """The token of ``Authorization: Bearer …``; None where there is no well-formed one."""
    match = _BEARER.fullmatch(request.getHeader(b"Authorization") or b"")
    return match[1].decode("ascii") if match else None


def cross_site(request: IRequest) -> bool:
    """Whether a browser says that another site's page sent this.

    Browsers send Sec-Fetch-Site to secure origins and loopback only, and no Origin with a plain GET; there the
    Referer is what is left. What is no browser sends none of them and is never cross-site.
    """
    site = request.getHeader(b"Sec-Fetch-Site")
    if site is not None:
        return site.lower() not in (b"same-origin", b"none")
    for name in (b"Origin", b"Referer"):
        value = request.getHeader(name)
        if value is not None:
            return not _same_host(value, request.getHeader(b"Host") or b"")
    return False


def require_same_site(request: IRequest) -> None:
    """For faces whose authority is ambient (a cookie, an address). Raises :class:`CrossSite`."""
    if cross_site(request):
        raise CrossSite("sent by another site's page")


def _same_host(url: bytes, host: bytes) -> bool:
    """Whether a URL has the same host and port as a Host header; schemes may differ, as behind a TLS proxy."""
    try:
        parts = urlsplit(url.decode("ascii"))
        port = parts.port
        own_port = urlsplit(b"//" + host).port
    except ValueError:
        return False
    if not parts.hostname or host_name(parts.netloc) != host_name(host.decode("latin-1")):
        return False
    standard = {"http": 80, "https": 443}.get(parts.scheme)
    return (port or standard) == (own_port or standard)
