"""The function ``webserver``: what serves here, under the labels that the documents print."""

from __future__ import annotations

import os
import platform
import resource
import shutil
import time

import twisted

from agentd.dialects.agent_api.answers import Line, clean
from agentd.dialects.agent_api.asked import Asked
from agentd.dialects.agent_api.here import Here

__all__ = ["webserver"]

_ZONES = "/zoneinfo/"
_LONGEST = 5  # seconds that any function may take
_PROCESSES = 1  # the daemon is a single one


async def webserver(asked: Asked, here: Here) -> Line:
    """Tell of the machine and the server. Sizes as PHP writes them, times in seconds."""
    now, policy = time.localtime(here.operations.now), here.settings.policy
    size = f"{policy.max_body >> 20}M"
    system = os.uname()
    figures = {
        "set.timezone": _zone(now),
        "abbr.timezone": now.tm_zone,
        "dst.timezone": str(max(0, now.tm_isdst)),
        "uname": " ".join((system.sysname, system.nodename, system.release, system.version, system.machine)),
        "host name": system.nodename,
        "server name": asked.host,
        "php version": f"Python {platform.python_version()}",
        "apache version": f"Twisted/{twisted.__version__} ({system.sysname})",
        "apache processes": str(_PROCESSES),
        "system loadavg": f"{os.getloadavg()[0]:.2f}",
        "disk_free_space": str(shutil.disk_usage(".").free),
        "date.timezone": _zone(now),
        "max_execution_time": str(_LONGEST),
        "max_input_time": f"{policy.body_timeout:.0f}",
        "memory_limit": _memory(),
        "post_max_size": size,
        "upload_max_filesize": size,
        "default_socket_timeout": f"{policy.idle_timeout:.0f}",
    }
    lines = ["Webserver Data:", *(f"{label}: {clean(value)}" for label, value in figures.items())]
    return Line("\n".join(lines), "SUCCESS", data="|".join(lines), alone=True)


def _zone(now: time.struct_time) -> str:
    """The name of the daemon's time zone, or where nothing names it its abbreviation."""
    named = os.environ.get("TZ", "").removeprefix(":")
    return named or os.path.realpath("/etc/localtime").partition(_ZONES)[2] or now.tm_zone


def _memory() -> str:
    """How much the process may have; -1 where there is no limit."""
    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    return "-1" if limit == resource.RLIM_INFINITY else f"{limit >> 20}M"
