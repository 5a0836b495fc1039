"""Whole answers, made before anybody is asked for them, so that they can be kept and given again."""

# mypy: allow-untyped-calls
# (Twisted's HTTP classes carry no annotations.)

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
from twisted.web.iweb import IRequest

__all__ = ["JSON", "PROBLEM", "Refused", "Reply", "encode", "problem", "reply", "send"]

JSON = "application/json"
PROBLEM = "application/problem+json"

_encoder = msgspec.json.Encoder()


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP answer: status, headers, body."""

    status: int
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


class Refused(Exception):
    """A request that reaches no operation; carries its answer."""

    def __init__(self, answer: Reply) -> None:
        super().__init__(answer.status)
        self.answer = answer


def encode(obj: Any) -> str:
    """Anything as JSON text. What came from Asterisk as broken UTF-8 has ``?`` in its place."""
    try:
        return _encoder.encode(obj).decode("utf-8")
    except UnicodeEncodeError:
        return json.dumps(obj, ensure_ascii=False).encode("utf-8", "replace").decode("utf-8")


def reply(status: int, obj: Any, **headers: str) -> Reply:
    """A JSON answer; underscores in header names stand for hyphens."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status, encode(obj), {"Content-Type": JSON, **named})


def problem(
    status: int,
    reason: str,
    detail: str,
    headers: Mapping[str, str] | None = None,
    **members: Any,
) -> Reply:
    """Problem details (RFC 9457). ``reason`` is for programs and stable, ``detail`` is for people."""
    body = {
        "type": f"urn:agentd:problem:{reason}",
        "title": reason.replace("_", " ").capitalize(),
        "status": status,
        "detail": detail,
        "reason": reason,
        **members,
    }
    return Reply(status, encode(body), {"Content-Type": PROBLEM, **(headers or {})})


def send(request: IRequest, answer: Reply) -> bytes:
    """Set status and headers on a request, and give the body."""
    body = answer.body.encode("utf-8")
    request.setResponseCode(answer.status)
    for name, value in answer.headers.items():
        request.setHeader(name.encode("ascii"), value.encode("utf-8"))
    if answer.status != 304:
        request.setHeader(b"Content-Length", b"%d" % len(body))
    return body
