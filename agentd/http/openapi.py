"""OpenAPI documents: what all of them have in common, and how they are written."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from agentd import __version__
from agentd.http.answers import json_text

__all__ = ["Document", "about", "tidy", "yaml_text"]

VERSION = "3.1.0"
"""The version of the OpenAPI Specification that the documents keep to: the one whose schemas are JSON Schema."""

_PLAIN = re.compile(r"[A-Za-z_/$][A-Za-z0-9_./{}$-]*")
_NOT_PLAIN = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})
_UNPRINTABLE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
_CODE = re.compile("``([^`]*)``")
_ROLE = re.compile(":[a-z]+:`([^`]*)`")


@dataclass(frozen=True)
class Document:
    """The description of one face: the name of its files, its title, and what it says."""

    name: str
    title: str
    content: dict[str, Any]

    @cached_property
    def json(self) -> str:
        """The document as JSON."""
        return json_text(self.content)

    @cached_property
    def yaml(self) -> str:
        """The document as YAML."""
        return yaml_text(self.content)


def about(title: str, description: str) -> dict[str, Any]:
    """The members that every document begins with. Its paths are below the host that it came from."""
    info = {"title": title, "version": __version__, "description": description, "license": {"name": "MIT"}}
    return {"openapi": VERSION, "info": info, "servers": [{"url": "/"}]}


def tidy(content: Any) -> Any:
    r"""Make the same fit for readers of other kinds than Python's.

    Patterns begin and end as ECMA-262 has it (``^`` and ``$`` for ``\A`` and ``\Z``); descriptions taken from
    docstrings have no markup of theirs.
    """
    if isinstance(content, dict):
        return {name: _text(name, value) if isinstance(value, str) else tidy(value) for name, value in content.items()}
    return [tidy(value) for value in content] if isinstance(content, list) else content


def _text(name: str, text: str) -> str:
    if name == "pattern":
        return text.replace(r"\A", "^").replace(r"\Z", "$")
    if name in {"description", "summary"}:
        return _ROLE.sub(r"`\1`", _CODE.sub(r"`\1`", text))
    return text


# --- YAML ----------------------------------------------------------------------------------------------------


def yaml_text(content: dict[str, Any]) -> str:
    """Write plain data as YAML, whose texts in double quotes are those of JSON (with more characters escaped)."""
    return "\n".join(_lines(content)) + "\n"


def _lines(content: Any) -> list[str]:
    """The lines of a mapping or a sequence that has something in it."""
    lines: list[str] = []
    pairs = content.items() if isinstance(content, dict) else ((None, value) for value in content)
    for name, value in pairs:
        start = "-" if name is None else f"{_key(name)}:"
        if not isinstance(value, dict | list) or not value:
            lines.append(f"{start} {_scalar(value)}")
            continue
        below = _lines(value)
        if name is None:
            lines += [f"- {below[0]}", *(f"  {line}" for line in below[1:])]
        else:
            lines += [start, *(f"  {line}" for line in below)]
    return lines


def _key(name: str) -> str:
    return name if _PLAIN.fullmatch(name) and name.lower() not in _NOT_PLAIN else _scalar(name)


def _scalar(value: Any) -> str:
    return _UNPRINTABLE.sub(lambda match: f"\\u{ord(match[0]):04x}", json_text(value))
