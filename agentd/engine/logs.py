"""The daemon's log: text for people or one JSON object a line for machines, on standard error."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import IO, Any

from twisted.logger import (
    FilteringLogObserver,
    ILogObserver,
    LogEvent,
    LogLevel,
    LogLevelFilterPredicate,
    formatEvent,
    globalLogBeginner,
)
from zope.interface import provider

from agentd.engine.clock import utc_iso

__all__ = ["FIELDS", "begin", "json_line", "text_line"]

FIELDS = ("request", "client", "method", "path", "status", "ms", "agent", "call", "channel", "leg", "name", "state")
"""What an event may carry besides its text; nothing else of it is written, so that no secret can slip in."""


def _message(event: LogEvent) -> str:
    text = formatEvent(event)
    failure = event.get("log_failure")
    if failure is not None:
        text = f"{text}\n{failure.getTraceback()}"
    return text


def text_line(event: LogEvent) -> str:
    """Give an event as one line (a traceback's lines are indented under it)."""
    level = event.get("log_level", LogLevel.info).name
    text = _message(event).rstrip("\n").replace("\n", "\n    ")
    return f"{utc_iso(event['log_time'])} {level:<8} {event.get('log_namespace', '-')}: {text}\n"


def json_line(event: LogEvent) -> str:
    """Give an event as one JSON object."""
    line: dict[str, Any] = {
        "time": utc_iso(event["log_time"]),
        "level": event.get("log_level", LogLevel.info).name,
        "logger": event.get("log_namespace", "-"),
        "message": _message(event),
    }
    line.update({name: event[name] for name in FIELDS if isinstance(event.get(name), str | int | float | bool)})
    return json.dumps(line, ensure_ascii=False) + "\n"


def begin(stream: IO[str], *, log_format: str, level: str, access_log: bool) -> None:
    """Send everything from now on to the stream."""
    format_line: Callable[[LogEvent], str] = json_line if log_format == "json" else text_line

    @provider(ILogObserver)
    def write(event: LogEvent) -> None:
        if access_log or event.get("log_namespace") != "agentd.http.access":
            stream.write(format_line(event))
            stream.flush()

    by_level = LogLevelFilterPredicate(LogLevel.levelWithName(level))
    globalLogBeginner.beginLoggingTo([FilteringLogObserver(write, [by_level])], redirectStandardIO=False)
