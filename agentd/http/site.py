"""The HTTP server: connections within limits, an access log without secrets, an orderly end."""

# mypy: allow-untyped-calls
# (Twisted's HTTP classes carry no annotations.)

from __future__ import annotations

import re
import secrets
from collections import OrderedDict
from itertools import count
from typing import cast

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IAddress, IDelayedCall, IReactorTime
from twisted.logger import Logger
from twisted.web import server
from twisted.web.http import datetimeToString
from twisted.web.iweb import IRequest
from twisted.web.resource import IResource, Resource

from agentd.engine.clock import Clock
from agentd.http.addresses import normal_address
from agentd.http.channel import Channel
from agentd.http.headers import refusal
from agentd.http.metrics import HttpMetrics
from agentd.http.policy import Policy
from agentd.http.request import Request

__all__ = ["Root", "Site"]

LAME_DUCK = 0.25
"""For how long, in seconds, a drained server still takes a request on a connection that is open already."""

REFUSED_AT_ONCE = 100
"""Beyond so many connections that are being told why they are refused, the next are just closed."""

_log = Logger(namespace="agentd.http")
_access = Logger(namespace="agentd.http.access")
_UNPRINTABLE = re.compile(r"[^\x21-\x7e]")


class Root(Resource):
    """A resource tree's root (or branch) whose unknown children are a plain 404."""

    def getChild(self, path: bytes, request: IRequest) -> Resource:
        return self if not path and request.postpath == [] else Missing()

    def render(self, request: IRequest) -> bytes:
        """The bare path of a branch is not found either, unless a subclass renders it."""
        return Missing().render(request)


class Missing(Resource):
    """404."""

    isLeaf = True

    def render(self, request: IRequest) -> bytes:
        request.setResponseCode(404)
        request.setHeader(b"Content-Type", b"text/plain; charset=utf-8")
        return b"There is nothing at this URL.\n"


class Site(server.Site):
    """Serves one resource tree on any number of listening ports."""

    def __init__(
        self,
        resource: IResource,
        clock: Clock,
        policy: Policy | None = None,
        metrics: HttpMetrics | None = None,
    ) -> None:
        # Only Twisted's buildProtocol and startFactory use the reactor, and both are replaced here.
        super().__init__(resource, requestFactory=Request, reactor=cast("IReactorTime", clock))
        self.clock = clock
        self.policy = policy or Policy()
        self.metrics = metrics
        self.draining = False
        self._open: set[Channel] = set()
        self._refused: set[Channel] = set()
        self._idle: OrderedDict[Channel, None] = OrderedDict()
        self._drained: list[Deferred[None]] = []
        self._timers: list[IDelayedCall] = []
        self._boot = secrets.token_hex(4)
        self._numbers = count(1)

    def new_request_id(self) -> bytes:
        """An id that no other request has, this daemon's earlier lives included."""
        return b"%s-%x" % (self._boot.encode("ascii"), next(self._numbers))

    # --- connections ---------------------------------------------------------------------------------

    @property
    def connections(self) -> int:
        """How many connections are open and served."""
        return len(self._open)

    def startFactory(self) -> None:
        """Twisted's would open a log file of its own and wake up every second."""

    def stopFactory(self) -> None:
        """Nothing was started."""

    def acceptableProtocols(self) -> list[bytes]:
        """HTTP/1.1 alone: limits and deadlines are made for it."""
        return [b"http/1.1"]

    def buildProtocol(self, addr: IAddress | None) -> Channel | None:  # type: ignore[override]  # noqa: ARG002
        """A channel; when there are too many, one that says so, or none."""
        if self.draining:
            return self._unwelcome("The server is being stopped.")
        if len(self._open) >= self.policy.max_connections:
            if not self._idle:
                return self._unwelcome("The server has too many connections.")
            longest_idle, _ = self._idle.popitem(last=False)
            longest_idle.close_if_idle()
        return Channel(self)

    def _unwelcome(self, why: str) -> Channel | None:
        return Channel(self, why) if len(self._refused) < REFUSED_AT_ONCE else None

    def opened(self, channel: Channel) -> None:
        """For channels: a connection is there."""
        self._open.add(channel)
        self._note_connections()

    def idles(self, channel: Channel, idle: bool) -> None:
        """For channels: a connection waits for a request, or does not any more."""
        self._idle.pop(channel, None)
        if idle:
            self._idle[channel] = None

    def closed(self, channel: Channel) -> None:
        """For channels: a connection is gone."""
        self._open.discard(channel)
        self._refused.discard(channel)
        self._idle.pop(channel, None)
        self._note_connections()
        if self.draining and not self._open:
            self._end_drain()

    def _note_connections(self) -> None:
        if self.metrics is not None:
            self.metrics.connections.set(len(self._open))

    # --- the end -------------------------------------------------------------------------------------

    def drain(self, grace: float = 10.0) -> Deferred[None]:
        """Fires when every answer under way is finished and every connection closed, or after ``grace`` s.

        The listening ports are to be closed before, and endless answers (event streams) ended: they are the
        owner's. Answers that are not finished in time are cut off.
        """
        done: Deferred[None] = Deferred()
        self._drained.append(done)
        if not self.draining:
            self.draining = True
            self._timers = [
                self.clock.later(min(LAME_DUCK, grace), self._close_idle),
                self.clock.later(grace, self._cut_off),
            ]
        if not self._open:
            self._end_drain()
        return done

    def _close_idle(self) -> None:
        for channel in tuple(self._idle):
            channel.close_if_idle()

    def _cut_off(self) -> None:
        for channel in tuple(self._open):
            channel.transport.abortConnection()

    def _end_drain(self) -> None:
        for timer in self._timers:
            if timer.active():
                timer.cancel()
        waiting, self._drained = self._drained, []
        for done in waiting:
            done.callback(None)

    # --- the access log ------------------------------------------------------------------------------

    def log(self, request: Request) -> None:  # type: ignore[override]
        """For requests: one was answered."""
        self._write_log(request, request.code, request.sentLength)

    def unanswered(self, request: Request) -> None:
        """For requests: the client went away before its answer was complete (status 499, as nginx has it)."""
        self._write_log(request, 499, request.sentLength)

    def _write_log(self, request: Request, status: int, sent: int) -> None:
        seconds = self.clock.monotonic() - request.since
        if self.metrics is not None:
            self.metrics.answered(status, seconds)
        _access.info(
            "{client} {method} {path} {status} {bytes} bytes {ms:.1f} ms {request}",
            client=request.client_address.address,
            method=request.method.decode("ascii", "replace"),
            path=self._path_for_log(request.path),
            status=status,
            bytes=sent,
            ms=seconds * 1000,
            request=request.request_id.decode("ascii"),
            **request.notes,
        )

    def refusal(
        self,
        channel: Channel,
        status: int,
        text: str,
        method: bytes,
        target: bytes,
        *more: tuple[bytes, bytes],
    ) -> bytes:
        """For channels: the bytes of an answer to a request that is refused; writes the log."""
        self.idles(channel, False)
        self._open.discard(channel)
        self._refused.add(channel)
        self._note_connections()
        request_id = self.new_request_id()
        if self.metrics is not None:
            self.metrics.refused.labels(str(status)).inc()
        _access.info(
            "{client} {method} {path} {status} refused: {why} {request}",
            client=normal_address(getattr(channel.getPeer(), "host", "")) or "unix",
            method=_UNPRINTABLE.sub("?", method[:16].decode("latin-1")) or "-",
            path=self._path_for_log(target.partition(b"?")[0]) or "-",
            status=status,
            why=text,
            request=request_id.decode("ascii"),
        )
        return refusal(status, text, request_id, datetimeToString(self.clock.now()), *more, bodiless=method == b"HEAD")

    def _path_for_log(self, path: bytes) -> str:
        text = self.policy.path_for_log(path.decode("latin-1"))[:512]
        return _UNPRINTABLE.sub(lambda match: f"\\x{ord(match[0]):02x}", text)
