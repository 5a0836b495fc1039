"""Answers, made before anybody is asked for them, so that they can be kept and given again."""

# mypy: allow-untyped-calls
# (Twisted's HTTP classes carry no annotations.)

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from twisted.internet.defer import Deferred, succeed
from twisted.web.iweb import IRequest

from agentd.http.kit import json_text

__all__ = ["JSON", "PROBLEM", "Refused", "Reply", "begin", "problem", "reply", "send"]

JSON = "application/json"
PROBLEM = "application/problem+json"

_BODILESS = frozenset({204, 304})  # they must not tell a length (RFC 9110, 8.6)


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP answer: status, headers, body.

    Where ``stream`` is set, it sends the body of the length that the headers tell; such an answer cannot be kept.
    ``kept`` is what is kept instead of a body that has a secret.
    """

    status: int
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    stream: Callable[[IRequest], Deferred[bytes | None]] | None = None
    kept: str | None = None


class Refused(Exception):
    """A request that reaches no operation; carries its answer."""

    def __init__(self, answer: Reply) -> None:
        super().__init__(answer.status)
        self.answer = answer


def reply(status: int, obj: Any, **headers: str) -> Reply:
    """A JSON answer; underscores in header names stand for hyphens."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status, json_text(obj), {"Content-Type": JSON, **named})


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
    return Reply(status, json_text(body), {"Content-Type": PROBLEM, **(headers or {})})


def begin(request: IRequest, answer: Reply) -> Deferred[bytes | None]:
    """Set status and headers on a request; fires with the body, or with None when it is sent."""
    if answer.stream is None or request.method == b"HEAD":
        return succeed(send(request, answer))
    _set_head(request, answer)
    return answer.stream(request)


def send(request: IRequest, answer: Reply) -> bytes:
    """Set status and headers on a request, and give the body."""
    body = answer.body.encode("utf-8")
    _set_head(request, answer)
    if answer.status not in _BODILESS and answer.stream is None:
        request.setHeader(b"Content-Length", b"%d" % len(body))
    return body


def _set_head(request: IRequest, answer: Reply) -> None:
    request.setResponseCode(answer.status)
    for name, value in answer.headers.items():
        request.setHeader(name.encode("ascii"), value.encode("utf-8"))
