"""Asking the running daemon, with the token that it leaves for this host."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

from agentd.administration.console import fail
from agentd.engine.config import Config
from agentd.engine.pidfile import holder
from agentd.http.local import LocalClient, LocalError

__all__ = ["ask", "running", "settle"]


def ask(config: Config, method: str, path: str, body: Any = None) -> Any:
    """Give what the daemon answers; ends the command with its reason when it refuses, or does not run.

    An answer that says "accepted, and done later" has ``later`` set.
    """
    try:
        return _client(config, path).ask(method, path, body)
    except LocalError as error:
        if error.status == 503 and path == "/readyz":
            return json.loads(error.body)
        fail(str(error))


def running(config: Config) -> bool:
    """Say whether a daemon runs on this host, with these files."""
    return holder(config.pid_file) is not None


def settle(config: Config) -> None:
    """Wait until the database has what the daemon has done, a second at most: its own reads do so."""
    path = "/api/v1/dnc?limit=1"
    with suppress(LocalError):
        _client(config, path).ask("GET", path)


def _client(config: Config, path: str) -> LocalClient:
    try:
        local = json.loads(config.local_file.read_text("utf-8"))
    except OSError as error:
        fail(f"the daemon is not running, or its files are not yours to read ({error.strerror})")
    base = local["native"] if path.startswith("/api/") else local["url"]
    if not base:
        fail("the daemon's HTTP listener is not one that this command can ask (it needs TCP)")
    return LocalClient(base, local["token"])
