"""Telling systemd how the daemon is (sd_notify(3)): a datagram to the socket that it names."""

from __future__ import annotations

import os
import socket

__all__ = ["notify", "watchdog_interval"]

_PATIENCE = 0.5
"""How long a full queue of systemd's may keep the daemon waiting, in seconds."""


def notify(*lines: str) -> None:
    """Send states such as ``READY=1``; does nothing when systemd did not start us."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    if address.startswith("@"):
        address = "\0" + address[1:]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
        channel.settimeout(_PATIENCE)
        try:
            channel.sendto("\n".join(lines).encode(), address)
        except OSError:  # systemd is being executed again; its next look at the watchdog finds us
            return


def watchdog_interval() -> float | None:
    """Seconds between signs of life, half of what systemd allows; None when it wants none."""
    microseconds = os.environ.get("WATCHDOG_USEC", "")
    wanted_of = os.environ.get("WATCHDOG_PID", str(os.getpid()))
    if not microseconds.isdecimal() or int(microseconds) == 0 or wanted_of != str(os.getpid()):
        return None
    return int(microseconds) / 2_000_000
