"""Where resources are: their paths below a root, and the URL at which this host reaches a listener."""

# mypy: allow-untyped-calls
# (Twisted's HTTP classes carry no annotations.)

from __future__ import annotations

from typing import Any

from twisted.internet.interfaces import IListeningPort
from twisted.web.resource import IResource

from agentd.http.site import Root

__all__ = ["mount", "url_of"]


def mount(root: Root, pages: dict[str, IResource]) -> None:
    """Put resources at their paths below a root."""
    for path, resource in pages.items():
        node = root
        *folders, leaf = path.encode().split(b"/")
        for folder in folders:
            if folder not in node.children:
                node.putChild(folder, Root())
            node = node.children[folder]
        node.putChild(leaf, resource)


def url_of(listen: str, port: IListeningPort) -> str:
    """The URL at which this host reaches a listener; empty when that is no IP address."""
    address: Any = port.getHost()
    host = getattr(address, "host", "")
    if not host:
        return ""
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104
    return f"{'https' if listen.startswith('ssl:') else 'http'}://{host}:{address.port}"
