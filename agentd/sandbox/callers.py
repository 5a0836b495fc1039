"""Parties of the sandbox's outside world that begin a call: customers who call in, and phones that dial.

They are made by call files, the interface that Asterisk has for this. Whoever may write into the sandbox's folder can
do so; the process that runs the sandbox is not asked.
"""

from __future__ import annotations

import fcntl
import re
import secrets
from collections.abc import Mapping
from pathlib import Path

from agentd.sandbox.errors import SandboxError
from agentd.sandbox.tones import outside_hertz

__all__ = ["ANY_DID", "DIDS", "begin_call", "call_in"]

DIDS: Mapping[str, str] = {
    "7275550100": "SALESLINE",
    "7275550101": "TEST_IN",
    "7275550102": "TEST_IN2",
    "7275550103": "TEST_IN3",
    "7275550104": "TEST_IN4",
    "7275550105": "TRAINING_IN",
    "7275550106": "AGENTDIRECT",
}
"""The numbers that the carrier delivers, and the in-group of each."""

ANY_DID = "7275550199"
"""The number of all other in-groups: the caller names his in the SIP header X-Sandbox-Ingroup."""

_NAME = re.compile(r"[A-Za-z0-9_-]{1,80}")
_NUMBER = re.compile(r"\+?[0-9]{2,20}")


def call_in(folder: Path, ingroup: str, number: str, agent: str = "", priority: int = 0) -> str:
    """Have a customer with this number call an in-group of the sandbox in ``folder``; gives the number that he dials.

    ``agent`` is the only one who will do, if named; ``priority`` his rank among those who wait. He talks in the tone
    ``outside_hertz(number)`` until he is hung up. It is asked, not awaited.

    Raises:
        SandboxError: no sandbox runs there, or something is not a name or a number.
    """
    checks = (("in-group", ingroup, _NAME), ("number", number, _NUMBER), ("agent", agent or "any", _NAME))
    for what, value, allowed in checks:
        if not allowed.fullmatch(value):
            raise SandboxError(f"not a possible {what}: {value!r}")
    if not _runs(folder):
        raise SandboxError(f"no sandbox runs in {folder}")
    did = next((did for did, name in DIDS.items() if name == ingroup), ANY_DID)
    headers = {"Agent": agent, "Priority": str(priority) if priority else ""}
    if did == ANY_DID:
        headers["Ingroup"] = ingroup
    begin_call(folder / "world", f"PJSIP/{did}@carrier", number, outside_hertz(number), headers)
    return did


def begin_call(
    world: Path, channel: str, caller: str, hertz: int, headers: Mapping[str, str] | None = None, digits: str = ""
) -> None:
    """Have a party of the outside world (its folder is ``world``) call: it types the digits, then talks in this tone.

    ``headers`` (those that are not empty) go into the SIP headers X-Sandbox-NAME.
    """
    variables = {"TONE": str(hertz), "DIGITS": digits}
    variables |= {f"PJSIP_HEADER(add,X-Sandbox-{name})": value for name, value in (headers or {}).items()}
    lines = [
        f"Channel: {channel}",
        f"CallerID: {caller} <{caller}>",
        f"Account: {caller[-10:]}",
        "WaitTime: 60",
        "Context: caller",
        "Extension: s",
        "Priority: 1",
        *(f"Setvar: {name}={value}" for name, value in variables.items() if value),
    ]
    name = f"{secrets.token_hex(8)}.call"
    draft = world / "spool" / "tmp" / name
    draft.write_text("\n".join([*lines, ""]))
    draft.rename(world / "spool" / "outgoing" / name)  # it is taken up at once (pbx_spool, inotify)


def _runs(folder: Path) -> bool:
    """Whether somebody holds the sandbox's lock."""
    try:
        with (folder / "lock").open("r+") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False
