"""Whole answers in one call each, and what they are made of. All set a length, so that Klein sends no chunks."""

# mypy: allow-untyped-calls
# (Twisted's HTTP classes carry no annotations.)

from __future__ import annotations

import json
import re
from typing import Any

import msgspec
from twisted.web.iweb import IRequest

from agentd.engine.limits import Allowance

__all__ = ["CONTROL", "HTML", "JSON", "TEXT", "echo", "json_answer", "json_text", "plain", "rate_limit_headers"]

TEXT = b"text/plain; charset=utf-8"
HTML = b"text/html; charset=utf-8"
JSON = b"application/json"

CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
"""What a text of one line cannot have in it."""

_MARKUP = re.compile("[<>&]")
_BREAKING = re.compile(f"[|]|{CONTROL.pattern}")
_UNFIT = re.compile(f"{_MARKUP.pattern}|{_BREAKING.pattern}")

_encoder = msgspec.json.Encoder()


def plain(request: IRequest, text: str, status: int = 200, kind: bytes = TEXT) -> bytes:
    """A text, ended by one newline."""
    return _body(request, status, kind, text.rstrip("\n").encode("utf-8", "replace") + b"\n")


def json_answer(request: IRequest, obj: Any, status: int = 200, kind: bytes = JSON) -> bytes:
    """Anything that msgspec encodes."""
    return _body(request, status, kind, json_text(obj).encode("utf-8"))


def json_text(obj: Any) -> str:
    """Anything that msgspec encodes, as JSON. What came from Asterisk as broken UTF-8 has ``?`` in its place."""
    try:
        return _encoder.encode(obj).decode("utf-8")
    except UnicodeEncodeError:
        text = json.dumps(msgspec.to_builtins(obj), ensure_ascii=False, separators=(",", ":"))
        return text.encode("utf-8", "replace").decode("utf-8")


def echo(text: str) -> str:
    """Make a text of a client's fit to stand in a field of an answer: no separator, no line break, no markup."""
    if text.isascii() and _UNFIT.search(text) is None:
        return text
    return _BREAKING.sub(" ", _MARKUP.sub("", text)).encode("utf-8", "replace").decode("utf-8")


def rate_limit_headers(allowance: Allowance) -> dict[str, str]:
    """``RateLimit-Limit``, ``-Remaining`` and ``-Reset`` (seconds), and ``Retry-After`` on a refusal."""
    headers = {
        "RateLimit-Limit": str(allowance.limit),
        "RateLimit-Remaining": str(allowance.remaining),
        "RateLimit-Reset": str(allowance.reset),
    }
    return headers if allowance.allowed else {**headers, "Retry-After": str(allowance.retry_after)}


def _body(request: IRequest, status: int, kind: bytes, body: bytes) -> bytes:
    request.setResponseCode(status)
    request.setHeader(b"Content-Type", kind)
    request.setHeader(b"Content-Length", b"%d" % len(body))
    return body
