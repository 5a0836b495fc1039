"""docs/native-api.md and docs/administration.md say all that there is: routes, reasons with their status, events."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import agentd.dialects.native as package
from agentd.core import errors as e
from agentd.dialects.native.callers import Role, Scope
from agentd.dialects.native.mount import ROUTES
from agentd.dialects.native.problems import STATUSES
from agentd.engine.events import NAMES

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "native-api.md").read_text() + (DOCS / "administration.md").read_text()
SOURCES = "".join(path.read_text() for path in Path(package.__file__).parent.glob("*.py"))

NUMBERED = dict.fromkeys(("call", "recording", "lead", "callback"), "id")


def row(status: int) -> str:
    return re.search(rf"^\| {status} \|.*$", PAGE, re.MULTILINE)[0]


def test_every_route_is_there_and_no_other() -> None:
    told = set(re.findall(r"^\| `([A-Z]+) (/[^`]*)` \|", PAGE, re.MULTILINE))
    known = {
        (route.method, re.sub("<(.*?)>", lambda part: f"{{{NUMBERED.get(part[1], part[1])}}}", route.path))
        for route in ROUTES
    }
    assert told == known


@pytest.mark.parametrize("name", [name for name in e.__all__ if name != "AgentdError"])
def test_every_reason_of_the_core_stands_beside_its_status(name: str) -> None:
    cls = getattr(e, name)
    status = STATUSES.find(cls.__new__(cls))
    assert status is not None
    assert f"`{cls.reason}`" in row(status)


def test_the_faces_own_reasons_are_there() -> None:
    own = set(re.findall(r'problem\((\d+), "(\w+)"', SOURCES)) | set(re.findall(r'(409)?_refuse\("(\w+)"', SOURCES))
    assert len(own) >= 12
    for status, reason in own:
        assert f"`{reason}`" in row(int(status or 409))


def test_every_event_role_and_scope_is_there() -> None:
    for word in (*NAMES, "snapshot", "reset", *Role, *Scope):
        assert f"`{word}`" in PAGE
