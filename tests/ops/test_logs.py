"""What the log looks like, and what never gets into it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from twisted.logger import LogLevel
from twisted.python.failure import Failure

from agentd.engine.logs import json_line, text_line

WHEN = 1_700_000_000.5


def event(shape: str, **more: Any) -> dict[str, Any]:
    base = {"log_time": WHEN, "log_level": LogLevel.warn, "log_namespace": "agentd.test", "log_format": shape}
    return base | more


def test_text_is_one_line_with_the_fields_that_it_does_not_show() -> None:
    line = text_line(event("leg {leg} is gone", leg="L1", agent="1000", call="M2141842580000000044"))
    assert line == (
        "2023-11-14T22:13:20.500Z warn     agentd.test: leg L1 is gone agent=1000 call=M2141842580000000044\n"
    )


def test_json_is_one_object_with_the_fields_beside_the_text() -> None:
    line = json_line(event("leg {leg} is gone", leg="L1", agent="1000", ms=1.5))
    assert line.endswith("}\n")
    assert json.loads(line) == {
        "time": "2023-11-14T22:13:20.500Z",
        "level": "warn",
        "logger": "agentd.test",
        "message": "leg L1 is gone",
        "leg": "L1",
        "agent": "1000",
        "ms": 1.5,
    }


@pytest.mark.parametrize("line", [text_line, json_line])
def test_what_is_no_field_is_not_written(line: Any) -> None:
    written = line(event("a user has logged in", agent="1000", password="hush", token="hush", request=object()))
    assert "hush" not in written
    assert "object" not in written
    assert "1000" in written


def test_a_traceback_is_indented_under_its_line() -> None:
    try:
        raise ValueError("no such thing")
    except ValueError:
        failure = Failure()
    first, *more = text_line(event("it broke", log_failure=failure, agent="1000")).splitlines()
    assert first.endswith("agentd.test: it broke agent=1000")
    assert more[0].startswith("    Traceback")
    assert more[-1] == "    builtins.ValueError: no such thing"


def test_nobody_can_write_a_line_of_his_own() -> None:
    forged = "x\n2023-11-14T22:13:20.500Z info     agentd: all is well\x1b[2J\r"
    lines = text_line(event("unknown agent {agent}", agent=forged)).splitlines()
    assert [line[:4] for line in lines] == ["2023", "    "]
    assert lines[1].endswith("all is well\\x1b[2J\\x0d")
    beside = text_line(event("unknown agent", agent=forged))
    assert beside.count("\n") == 1
    assert json.loads(json_line(event("unknown agent", agent=forged)))["message"] == "unknown agent"


@pytest.mark.parametrize("line", [text_line, json_line])
def test_bytes_that_are_no_text_are_shown_as_such(line: Any) -> None:
    written = line(event("caller {name}", name=b"Ren\xe9".decode("utf-8", "surrogateescape")))
    written.encode("utf-8")
    assert "Ren" in written
    assert "dce9" in written
