"""The only writer of actions: what it lets through is one action, whatever the values hold.

Asterisk ends a line at LF (CR or not) and a message at an empty line, so that one CR or LF inside a value is a second
header, and two are a second action. A line of more than 1022 bytes is refused by Asterisk 22.10.1 ("line too long")
and cut without a word by older ones; so are messages of more than 128 lines.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from agentd.ami.errors import MessageTooLong, UnsafeHeader

if TYPE_CHECKING:
    from agentd.ami.actions import Action

__all__ = ["MAX_LINE", "MAX_LINES", "encode", "variable_lines"]

MAX_LINE = 1000
"""The longest line that is sent, in bytes, without its line end."""
MAX_LINES = 128
"""The most header lines of one message."""

_NAME = re.compile(r"[A-Za-z0-9-]+")
_VARIABLE = re.compile(r"_{0,2}[A-Za-z0-9_]+(\([A-Za-z0-9_:,-]*\))?")
_UNSAFE = re.compile(r"[\r\n\0]")
_OURS = frozenset({"action", "actionid"})
_SEPARATORS = re.compile(r'[,"\\]')


def encode(action: Action, action_id: str) -> bytes:
    """One message that asks for ``action`` and nothing else, ready to be sent.

    Raises UnsafeHeader for a name that is not ``[A-Za-z0-9-]+``, for a value with CR, LF or NUL, and for a second
    Action or ActionID; MessageTooLong for a line or a number of lines that Asterisk would not take whole.
    """
    lines = [_line("Action", action.action_name), _line("ActionID", action_id)]
    for name, value in action.headers():
        if name.lower() in _OURS:
            raise UnsafeHeader(name, "there is one already")
        lines.append(_line(name, value))
    if len(lines) > MAX_LINES:
        raise MessageTooLong(action.action_name, f"the message has {len(lines)} lines, {MAX_LINES} are allowed")
    return b"\r\n".join(lines) + b"\r\n\r\n"


def _line(name: str, value: str) -> bytes:
    if not _NAME.fullmatch(name):
        raise UnsafeHeader(name, "not a header name")
    if _UNSAFE.search(value):
        raise UnsafeHeader(name, "the value holds CR, LF or NUL")
    try:
        line = f"{name}: {value}".encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        raise UnsafeHeader(name, "the value is not text") from None
    if len(line) > MAX_LINE:
        raise MessageTooLong(name, f"the line has {len(line)} bytes, {MAX_LINE} are allowed")
    return line


def variable_lines(variables: Mapping[str, str]) -> list[str]:
    """``NAME=value`` for each variable, to be sent one in a ``Variable`` header.

    Asterisk takes such a header apart at commas and eats quotes and backslashes (seen on 22.10.1), so a value with one
    of these raises UnsafeHeader, and so does a name that is not a variable's or a function's. Between the parentheses
    of a function, as in ``PJSIP_HEADER(add,X-A)``, it leaves commas alone.
    """
    lines = []
    for name, value in variables.items():
        if not _VARIABLE.fullmatch(name):
            raise UnsafeHeader("Variable", "not a variable name")
        if _SEPARATORS.search(value):
            raise UnsafeHeader("Variable", f"the value of {name} holds a comma, a quote or a backslash")
        lines.append(f"{name}={value}")
    return lines
