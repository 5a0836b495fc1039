"""The daemon's log: text for people or one JSON object a line for machines, on standard error."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import IO, Any

import msgspec
from twisted.logger import (
    ILogObserver,
    LogEvent,
    LogLevel,
    formatEvent,
    globalLogBeginner,
)
from zope.interface import provider

from agentd.engine.clock import utc_iso

__all__ = ["FIELDS", "begin", "json_line", "text_line"]

FIELDS = ("request", "client", "method", "path", "status", "ms", "agent", "call", "channel", "leg", "name", "state")
"""What an event may carry besides its text; nothing else of it is written, so that no secret can slip in."""

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def _message(event: LogEvent) -> str:
    """The text and the traceback; what is no character, or could move a terminal's cursor, is escaped."""
    text = _text(event)
    failure = event.get("log_failure")
    if failure is not None:
        text = f"{text}\n{failure.getTraceback()}"
    return _printable(text)


def _text(event: LogEvent) -> str:
    """As Twisted's formatEvent, which takes several times as long; that is left to do what this cannot."""
    shape = event.get("log_format")
    if isinstance(shape, str) and "(" not in shape:
        try:
            return shape.format_map(event)
        except Exception:  # noqa: BLE001, S110 - a wrong event must not be lost, Twisted tells what is wrong with it
            pass
    return formatEvent(event)


def _printable(text: str) -> str:
    if text.isprintable():
        return text
    escaped = _CONTROL.sub(lambda found: f"\\x{ord(found[0]):02x}", text)
    return escaped.encode("utf-8", "backslashreplace").decode()


def _fields(event: LogEvent, names: Iterable[str] = FIELDS) -> dict[str, str | int | float | bool]:
    fields: dict[str, str | int | float | bool] = {}
    for name in names:
        value = event.get(name)
        if isinstance(value, str):
            fields[name] = _printable(value)
        elif isinstance(value, (int, float)):
            fields[name] = value
    return fields


@lru_cache(maxsize=1024)
def _not_in(shape: str) -> tuple[str, ...]:
    """The fields that a text of this shape does not show."""
    return tuple(name for name in FIELDS if f"{{{name}" not in shape)


def text_line(event: LogEvent) -> str:
    """Give an event as one line, fields that its text does not show at the end (a traceback is indented under it)."""
    level = event.get("log_level", LogLevel.info).name
    first, *more = _message(event).rstrip("\n").split("\n")
    fields = "".join(
        f" {name}={value}" for name, value in _fields(event, _not_in(event.get("log_format") or "")).items()
    )
    head = f"{utc_iso(event['log_time'])} {level:<8} {event.get('log_namespace', '-')}: {first}"
    return "\n    ".join([head + fields.replace("\n", "\\n"), *more]) + "\n"


def json_line(event: LogEvent) -> str:
    """Give an event as one JSON object."""
    line: dict[str, Any] = {
        "time": utc_iso(event["log_time"]),
        "level": event.get("log_level", LogLevel.info).name,
        "logger": event.get("log_namespace", "-"),
        "message": _message(event),
        **_fields(event),
    }
    return msgspec.json.encode(line).decode() + "\n"


def begin(stream: IO[str], *, log_format: str, level: str, access_log: bool) -> None:
    """Send everything from now on to the stream."""
    format_line: Callable[[LogEvent], str] = json_line if log_format == "json" else text_line
    least = LogLevel.levelWithName(level)
    wanted = {other for other in LogLevel.iterconstants() if other >= least}

    @provider(ILogObserver)
    def write(event: LogEvent) -> None:
        if event.get("log_level", LogLevel.info) not in wanted:
            return
        if access_log or event.get("log_namespace") != "agentd.http.access":
            stream.write(format_line(event))
            stream.flush()

    globalLogBeginner.beginLoggingTo([write], redirectStandardIO=False)
