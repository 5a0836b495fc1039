"""One HTTP connection: refuses what is too long, too slow or not for us, before a byte of the body is kept.

Twisted's ``HTTPChannel`` (read in Twisted 26.10) parses; this adds absolute deadlines, since its own timeout
begins again with every byte; whole answers for refused requests, since its own have no headers; and a
lingering close, since closing a socket with unread input resets the connection and the answer is lost.
"""

# mypy: allow-untyped-calls
# (Twisted's HTTP classes carry no annotations.)

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import TYPE_CHECKING, Any

from twisted.internet.error import ConnectionDone
from twisted.internet.interfaces import IDelayedCall, ITCPTransport
from twisted.python.failure import Failure
from twisted.web.http import HTTPChannel
from twisted.web.http_headers import Headers

from agentd.http.headers import head
from agentd.http.policy import MIB

if TYPE_CHECKING:
    from agentd.http.request import Request
    from agentd.http.site import Site

__all__ = ["METHODS", "Channel"]

METHODS = frozenset((b"GET", b"HEAD", b"POST", b"PUT", b"PATCH", b"DELETE", b"OPTIONS"))

LINGER_TIME = 2.0
LINGER_BYTES = MIB

_GONE = Failure(ConnectionDone())


class Phase(Enum):
    """What a connection is waiting for."""

    IDLE = "the first byte of a request"
    HEAD = "the rest of the headers"
    BODY = "the rest of the body"
    BUSY = "our answer"


class Channel(HTTPChannel):
    """A server's side of a connection. Made by :class:`agentd.http.site.Site` alone."""

    maxHeaders = MIB  # how many; their length is what is limited here

    factory: Site
    site: Site
    callLater: Callable[..., IDelayedCall]
    requests: list[Request]
    transport: ITCPTransport

    def __init__(self, site: Site, unwelcome: str = "") -> None:
        """``unwelcome`` says why nothing will be served on this connection (503)."""
        super().__init__()
        self.site = self.factory = site
        self.requestFactory = site.requestFactory
        self.timeOut = round(site.policy.idle_timeout)
        self.callLater = site.clock.later
        self.MAX_LENGTH = max(site.policy.max_url + 64, site.policy.max_headers)
        self.totalHeadersSize = site.policy.max_url + 64 + site.policy.max_headers
        self.refused = False
        self._gone = False
        self.phase: Phase | None = None
        self._unwelcome = unwelcome
        self._served = 0
        self._in_head = False
        self._head_bytes = 0
        self._line = b""
        self._discarded = 0
        self._deadline: IDelayedCall | None = None
        self._abort: IDelayedCall | None = None
        self._watched: tuple[Phase, int] | None = None

    # --- the life of a connection --------------------------------------------------------------------

    def connectionMade(self) -> None:
        super().connectionMade()
        self.site.opened(self)
        if self._unwelcome:
            self.refuse(503, self._unwelcome, (b"Retry-After", b"1"))
        else:
            self._watch()

    def dataReceived(self, data: bytes) -> None:
        if self.refused:
            self._discarded += len(data)
            if self._discarded > LINGER_BYTES:
                self.transport.pauseProducing()  # type: ignore[attr-defined]  # a reset could overtake the answer
            return
        super().dataReceived(data)
        self._watch()

    def requestDone(self, request: Request) -> None:
        self._served += 1
        super().requestDone(request)
        self._watch()

    def loseConnection(self) -> None:
        """Close once everything is sent; a client that does not read is cut off after ``send_timeout``."""
        super().loseConnection()
        self._abort_after(self.site.policy.send_timeout)

    def connectionLost(self, reason: Failure = _GONE) -> None:
        for timer in (self._deadline, self._abort):
            if timer is not None and timer.active():
                timer.cancel()
        self._deadline = self._abort = None
        self._gone = self.refused = True
        super().connectionLost(reason)
        self.site.closed(self)

    def close_if_idle(self) -> None:
        """Close the connection unless a request is on its way or being answered."""
        if self.phase is Phase.IDLE and not self.refused:
            self.loseConnection()

    # --- what is refused -----------------------------------------------------------------------------

    def lineReceived(self, line: bytes) -> None:
        if self.refused:
            return
        if self._in_head:
            self._head_bytes += len(line) + 2
            if self._head_bytes > self.site.policy.max_headers:
                self.refuse(431, "The request's headers are too long.")
                return
        elif line:
            self._in_head, self._head_bytes, self._line = True, 0, line
            if len(self._target()) > self.site.policy.max_url:
                self.refuse(414, f"The URL is longer than {self.site.policy.max_url} bytes.")
                return
        super().lineReceived(line)

    def lineLengthExceeded(self, line: bytes) -> None:
        if self._in_head:
            self.refuse(431, "A header of the request is too long.")
        else:
            self._line = line[:1024]
            self.refuse(414, f"The URL is longer than {self.site.policy.max_url} bytes.")

    def allHeadersReceived(self) -> None:
        if self.refused:
            return
        objection = self._objection(self.requests[-1])
        if objection is None:
            super().allHeadersReceived()
        else:
            status, text, *more = objection
            self.refuse(status, text, *more)

    def rawDataReceived(self, data: bytes) -> None:
        if not self.refused:
            super().rawDataReceived(data)

    def allContentReceived(self) -> None:
        if not self.refused:
            self._in_head, self._line = False, b""
            super().allContentReceived()

    def body_too_long(self) -> None:
        """Refuse the request whose body is arriving."""
        self.refuse(413, f"The request's body is longer than {self.site.policy.max_body} bytes.")

    def refuse(self, status: int, text: str, *more: tuple[bytes, bytes]) -> None:
        """Answer the request that is arriving with an error, read no more of it, and close."""
        if self.refused:
            return
        self.refused = True
        method = self._line.partition(b" ")[0]
        answer = self.site.refusal(self, status, text, method, self._target(), *more)
        self.transport.write(answer)
        self._linger()

    def _respondToBadRequestAndDisconnect(self) -> None:
        """Twisted's hook for whatever it can't parse."""
        self.refuse(400, "The request is malformed.")

    def _target(self) -> bytes:
        return self._line.partition(b" ")[2].partition(b" ")[0]

    def _objection(self, request: Request) -> tuple[Any, ...] | None:
        """Why a request is refused before its body: status, text, headers. None: it is not."""
        method, target, policy = self._line.partition(b" ")[0], self._target(), self.site.policy
        if method in (b"TRACE", b"CONNECT"):
            return 405, "That method is not allowed.", (b"Allow", b", ".join(sorted(METHODS)))
        if method not in METHODS:
            return 501, "That method is not known here."
        if not target.startswith(b"/") and (method, target) != (b"OPTIONS", b"*"):
            return 400, "The URL must begin with a slash."
        hosts = request.requestHeaders.getRawHeaders(b"Host", [])
        if len(hosts) > 1 or (not hosts and self._line.endswith(b"HTTP/1.1")):
            return 400, "One Host header is needed."
        if hosts and not policy.hosts.allows(hosts[0], getattr(request.host, "host", "")):
            return 421, "This server is not known by that name; see [http] hosts in its configuration."
        if self.length is not None and self.length > policy.max_body:
            return 413, f"The request's body is longer than {policy.max_body} bytes."
        return None

    # --- what every answer carries -------------------------------------------------------------------

    def writeHeaders(self, version: bytes, code: bytes, reason: bytes, headers: Headers) -> None:
        if self.site.draining:
            headers.setRawHeaders(b"Connection", [b"close"])
            self.persistent = False
        self.transport.write(head(version, code, reason, headers, self.requests[0].request_id))

    # --- time ----------------------------------------------------------------------------------------

    def _watch(self) -> None:
        """Set the deadline of the phase that the connection is in; to be called whenever that may change.

        A request that arrives in one piece, the usual case, never sets one.
        """
        if self.refused:
            return
        self.phase = self._present_phase()
        self.site.idles(self, self.phase is Phase.IDLE)
        if (self.phase, self._served) == self._watched:
            return
        self._watched = self.phase, self._served
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
        if self.phase is Phase.HEAD:
            self._deadline = self.callLater(self.site.policy.header_timeout, self._too_slow)
        elif self.phase is Phase.BODY:
            self._deadline = self.callLater(self.site.policy.body_timeout, self._too_slow)

    def _present_phase(self) -> Phase:
        if self._handlingRequest:
            return Phase.BUSY
        if not self.line_mode:
            return Phase.BODY
        return Phase.HEAD if self._in_head or self._buffer else Phase.IDLE

    def _too_slow(self) -> None:
        self._deadline = None
        self.refuse(408, "The request did not arrive in time.")

    def _linger(self) -> None:
        """Close in a way that lets the client read the answer while it still sends."""
        self.setTimeout(None)
        if ITCPTransport.providedBy(self.transport) and not self.isSecure():
            self._networkProducer.unregisterProducer()  # type: ignore[attr-defined]
            self.transport.loseWriteConnection()
        else:
            super().loseConnection()
        self._abort_after(LINGER_TIME)

    def _abort_after(self, seconds: float) -> None:
        if self._abort is None and not self._gone:
            self._abort = self.callLater(seconds, self._abort_now)

    def _abort_now(self) -> None:
        self._abort = None
        self.transport.abortConnection()
