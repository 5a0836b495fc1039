"""Whole answers in one call each. All set a length, so that Klein's answers are not sent in chunks."""

# mypy: allow-untyped-calls
# (Twisted's HTTP classes carry no annotations.)

from __future__ import annotations

from typing import Any

import msgspec
from twisted.web.iweb import IRequest

from agentd.engine.limits import Allowance

__all__ = ["HTML", "JSON", "TEXT", "json_answer", "no_content", "plain", "rate_limit_headers"]

TEXT = b"text/plain; charset=utf-8"
HTML = b"text/html; charset=utf-8"
JSON = b"application/json"

_encoder = msgspec.json.Encoder()


def plain(request: IRequest, text: str, status: int = 200, kind: bytes = TEXT) -> bytes:
    """A text, ended by one newline."""
    return _body(request, status, kind, text.rstrip("\n").encode("utf-8", "replace") + b"\n")


def json_answer(request: IRequest, obj: Any, status: int = 200, kind: bytes = JSON) -> bytes:
    """Anything that msgspec encodes. What came from Asterisk as broken UTF-8 is answered with ``?`` in it."""
    try:
        body = _encoder.encode(obj)
    except UnicodeEncodeError:
        body = _encoder.encode(_without_surrogates(msgspec.to_builtins(obj)))
    return _body(request, status, kind, body)


def no_content(request: IRequest) -> bytes:
    """204: done, and there is nothing to say."""
    request.setResponseCode(204)
    return b""


def rate_limit_headers(request: IRequest, allowance: Allowance) -> None:
    """``X-RateLimit-Limit``, ``-Remaining`` and ``-Reset`` (seconds), and ``Retry-After`` on a refusal."""
    request.setHeader(b"X-RateLimit-Limit", b"%d" % allowance.limit)
    request.setHeader(b"X-RateLimit-Remaining", b"%d" % allowance.remaining)
    request.setHeader(b"X-RateLimit-Reset", b"%d" % allowance.reset)
    if not allowance.allowed:
        request.setHeader(b"Retry-After", b"%d" % allowance.retry_after)


def _body(request: IRequest, status: int, kind: bytes, body: bytes) -> bytes:
    request.setResponseCode(status)
    request.setHeader(b"Content-Type", kind)
    request.setHeader(b"Content-Length", b"%d" % len(body))
    return body


def _without_surrogates(obj: Any) -> Any:
    if isinstance(obj, str):
        return obj.encode("utf-8", "replace").decode("utf-8")
    if isinstance(obj, dict):
        return {_without_surrogates(key): _without_surrogates(value) for key, value in obj.items()}
    if isinstance(obj, list | tuple):
        return [_without_surrogates(item) for item in obj]
    return obj
