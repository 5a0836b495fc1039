"""Which names a request may ask for (``Host``): a defence against pages that point a name of theirs at us.

An IP address can't be pointed elsewhere, so the address on which the request arrived is always good.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Iterable
from pathlib import Path

from agentd.http.addresses import normal_address

__all__ = ["HostList", "host_name", "machine_names"]

_HOST = re.compile(r"(?P<name>\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(?::\d{1,5})?")


class HostList:
    """The names and addresses that are ours; case, port and a last dot don't matter."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._names = {"localhost", "127.0.0.1", "::1"}
        self._names.update(host_name(name) or name.lower() for name in names)
        self._seen: dict[tuple[bytes, str], bool] = {}

    def allows(self, host: bytes, arrived_at: str) -> bool:
        """Whether a ``Host`` header names us; ``arrived_at`` is the local address of the connection."""
        known = self._seen.get((host, arrived_at))
        if known is None:
            name = host_name(host.decode("latin-1"))
            known = bool(name) and (name in self._names or name == normal_address(arrived_at))
            if known and len(self._seen) < 256:
                self._seen[host, arrived_at] = True
        return known


def host_name(host: str) -> str:
    """The name or address of a ``Host`` header in its usual form, without the port; empty if malformed."""
    match = _HOST.fullmatch(host)
    if match is None:
        return ""
    name = match["name"].strip("[]").rstrip(".").lower()
    return normal_address(name) or name


def machine_names(hosts_file: Path = Path("/etc/hosts")) -> set[str]:
    """The names of this machine: its host name, and those on the same lines of the hosts file.

    The resolver is not asked, since it may keep a start waiting.
    """
    own = socket.gethostname().lower()
    names = {own, own.partition(".")[0]}
    try:
        lines = hosts_file.read_text("utf-8", "replace").splitlines()
    except OSError:
        return names
    for line in lines:
        aliases = {alias.lower() for alias in line.partition("#")[0].split()[1:]}
        if own in aliases:
            names |= aliases
    return names
