"""What a running demo can be told: a customer calls in, the dialler begins, the dialler stops."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

from agentd.http.local import LocalClient, LocalError
from agentd.sandbox.callers import call_in
from agentd.sandbox.data import DIAL_CAMPAIGN
from agentd.sandbox.errors import SandboxError

__all__ = ["call", "dialler", "some_number"]

_SECONDS = 10.0  # a call that has not come by then does not come
_DID_NOT_COME = "the call did not come; agentd.log in the demo's folder may tell why"


def call(folder: Path, ingroup: str, number: str = "", agent: str = "", priority: int = 0) -> dict[str, Any]:
    """Have a customer call an in-group of the demo; gives the daemon's event of it (``key``, ``call_id``, ...).

    He calls with ``number``, or any. ``agent`` is the only one who will do, if named; ``priority`` is his rank in line.

    Raises:
        SandboxError: no demo runs there, there is no such in-group, or the call did not come.
    """
    number = number or some_number()
    daemon = _daemon(folder)
    _ask(daemon, "GET", f"/api/v1/ingroups/{quote(ingroup, safe='')}")
    try:
        with daemon.events("?types=call.waiting") as events:
            for snapshot in events:  # whatever comes from now on is told
                call_in(folder, ingroup, number, agent, priority)
                return _arrival(events, ingroup, number, snapshot["at"] + _SECONDS)
    except LocalError as error:
        raise SandboxError(f"{_DID_NOT_COME} ({error})") from error
    raise SandboxError(_DID_NOT_COME)


def _arrival(events: Iterator[dict[str, Any]], ingroup: str, number: str, until: float) -> dict[str, Any]:
    for event in events:  # that nothing is heard for _SECONDS is an error of its own
        if event["at"] > until:
            break
        if event["event"] == "call.waiting" and (event["ingroup"], event["number"]) == (ingroup, number):
            return event
    raise SandboxError(_DID_NOT_COME)


def dialler(folder: Path, *, on: bool) -> str:
    """Have the demo's campaign dial one lead for each free blended agent, or none any more; gives its name.

    Raises:
        SandboxError: no demo runs there.
    """
    _ask(_daemon(folder), "PATCH", f"/api/v1/campaigns/{DIAL_CAMPAIGN}", {"auto_dial_level": 1.0 if on else 0.0})
    return DIAL_CAMPAIGN


def some_number() -> str:
    """Give a number from which nobody of the demo's lists calls."""
    return f"727555{random.SystemRandom().randrange(6000, 10_000)}"


def _daemon(folder: Path) -> LocalClient:
    try:
        facts = json.loads((folder / "runtime.json").read_text("utf-8"))
    except OSError as error:
        raise SandboxError(
            f"no demo runs in {folder}, or its files are not yours to read ({error.strerror})"
        ) from error
    return LocalClient(facts["http"], facts["token"], _SECONDS)


def _ask(daemon: LocalClient, method: str, path: str, body: Any = None) -> Any:
    try:
        return daemon.ask(method, path, body)
    except LocalError as error:
        raise SandboxError(str(error)) from error
