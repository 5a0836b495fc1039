"""``/healthz``, ``/readyz`` and ``/metrics``: plain resources, so that they answer when all else is in trouble."""

# mypy: allow-untyped-calls
# (Twisted's HTTP classes carry no annotations.)

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from twisted.web.iweb import IRequest
from twisted.web.resource import Resource

from agentd.http.answers import json_answer, plain
from agentd.http.origin import bearer_token, client_address

__all__ = ["Health", "MetricsPage", "PartState", "Parts", "Readiness", "State", "readiness"]


class State(StrEnum):
    """How a part is."""

    UP = "up"
    DEGRADED = "degraded"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class PartState:
    """One part, such as the link to a PBX, the journal, the database."""

    state: State
    detail: str = ""
    """A few words for the administrator; anybody may read them."""
    essential: bool = True
    """Whether calls can't be controlled without it."""


class Parts(Protocol):
    """Whoever knows the daemon's parts."""

    def parts(self) -> Mapping[str, PartState]:
        """The parts by name, as they are now."""
        ...


def readiness(parts: Mapping[str, PartState]) -> str:
    """``down`` if an essential part is down, ``degraded`` if anything else is not up, else ``ready``."""
    if any(part.essential and part.state is State.DOWN for part in parts.values()):
        return "down"
    if any(part.state is not State.UP for part in parts.values()):
        return "degraded"
    return "ready"


class Health(Resource):
    """200 as long as the process answers."""

    isLeaf = True

    def render_GET(self, request: IRequest) -> bytes:
        """``{"status": "alive"}``"""
        return json_answer(request, {"status": "alive"})


class Readiness(Resource):
    """200 if commands can be taken (``ready`` or ``degraded``), else 503; the body says how each part is."""

    isLeaf = True

    def __init__(self, parts: Parts) -> None:
        super().__init__()
        self._parts = parts

    def render_GET(self, request: IRequest) -> bytes:
        """``{"status": …, "parts": {NAME: {"state": …, "detail": …}}}``"""
        parts = self._parts.parts()
        status = readiness(parts)
        shown = {name: {"state": part.state, "detail": part.detail} for name, part in parts.items()}
        return json_answer(request, {"status": status, "parts": shown}, 503 if status == "down" else 200)


class MetricsPage(Resource):
    """Prometheus' text format, for this machine and for whoever has a token that may read it."""

    isLeaf = True

    def __init__(self, registry: CollectorRegistry, may_read: Callable[[str], bool]) -> None:
        """``may_read`` says whether a bearer token is good for this."""
        super().__init__()
        self._registry = registry
        self._may_read = may_read

    def render_GET(self, request: IRequest) -> bytes:
        """The metrics, or 401."""
        token = bearer_token(request)
        if not client_address(request).loopback and not (token and self._may_read(token)):
            request.setHeader(b"WWW-Authenticate", b'Bearer realm="agentd"')
            return plain(request, "A bearer token is needed.", 401)
        body = generate_latest(self._registry)
        request.setHeader(b"Content-Type", CONTENT_TYPE_LATEST.encode("ascii"))
        return body
