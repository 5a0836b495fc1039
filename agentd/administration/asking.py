"""Asking the running daemon, with the token that it leaves for this host."""

from __future__ import annotations

import json
from typing import Any

from agentd.administration.console import fail
from agentd.engine.config import Config
from agentd.http.local import LocalClient, LocalError

__all__ = ["ask"]


def ask(config: Config, method: str, path: str, body: Any = None) -> Any:
    """Give what the daemon answers; ends the command with its reason when it refuses, or does not run.

    An answer that says "accepted, and done later" has ``later`` set.
    """
    try:
        local = json.loads(config.local_file.read_text("utf-8"))
    except OSError as error:
        fail(f"the daemon is not running, or its files are not yours to read ({error.strerror})")
    base = local["native"] if path.startswith("/api/") else local["url"]
    if not base:
        fail("the daemon's HTTP listener is not one that this command can ask (it needs TCP)")
    try:
        return LocalClient(base, local["token"]).ask(method, path, body)
    except LocalError as error:
        if error.status == 503 and path == "/readyz":
            return json.loads(error.body)
        fail(str(error))
