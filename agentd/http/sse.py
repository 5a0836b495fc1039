"""Server-sent events (the ``text/event-stream`` of the HTML standard) to readers of any speed.

A frame is encoded once, by :func:`frame`, and sent to every reader. What a reader does not take in time is kept up
to a limit; over it he is cut off, since a browser or a CRM that comes again with ``Last-Event-ID`` loses nothing.
"""

# mypy: allow-untyped-calls
# (Twisted's HTTP classes carry no annotations.)

from __future__ import annotations

import socket
from collections import Counter as Tally
from collections import deque
from dataclasses import dataclass

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IDelayedCall, IPushProducer
from twisted.logger import Logger
from zope.interface import implementer

from agentd.engine.clock import Clock
from agentd.http.metrics import HttpMetrics
from agentd.http.request import Request

__all__ = ["EventStream", "StreamLimits", "Streams", "TooManyStreams", "frame"]

HEARTBEAT = b":\n\n"

_log = Logger(namespace="agentd.http")


class TooManyStreams(Exception):
    """No more streams are served, to anybody or to this owner."""


@dataclass(frozen=True, slots=True)
class StreamLimits:
    """Times in seconds, sizes in bytes."""

    streams: int = 1000
    per_owner: int = 50
    buffer: int = 256 * 1024
    """What is kept for one reader beyond what the system's socket buffer holds."""
    heartbeat: float = 15.0
    """A comment is sent when nothing else was for so long, so that proxies keep the connection."""
    stalled: float = 60.0
    """A reader who takes nothing for so long is cut off, however little is kept for him."""


def frame(data: str, *, event: str = "", event_id: str = "", retry: int | None = None) -> bytes:
    """One event in wire form; ``retry`` in milliseconds. Raises ValueError for a line end in a name or id."""
    for text in (event, event_id):
        if any(char in text for char in "\r\n\0"):
            raise ValueError("no line end and no NUL in an event's name or id")
    lines = []
    if event_id:
        lines.append(f"id: {event_id}")
    if event:
        lines.append(f"event: {event}")
    if retry is not None:
        lines.append(f"retry: {retry}")
    lines += [f"data: {line}" for line in data.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    return ("\n".join(lines) + "\n\n").encode("utf-8", "replace")


@implementer(IPushProducer)
class EventStream:
    """One reader's stream. Made by :meth:`Streams.open`."""

    def __init__(self, request: Request, streams: Streams, owner: str) -> None:
        self.owner = owner
        self.closed = False
        self._request = request
        self._streams = streams
        self._kept: deque[bytes] = deque()
        self._kept_bytes = 0
        self._paused_since: float | None = None
        self._quiet_since = 0.0
        self._timer: IDelayedCall | None = None
        self._waiting: list[Deferred[None]] = []

    def send(self, event: bytes) -> None:
        """Send a frame now, or when the reader takes more; may cut him off. Nothing happens once closed."""
        if self.closed:
            return
        if self._paused_since is None:
            self._quiet_since = self._streams.clock.monotonic()
            self._request.write(event)
            return
        self._kept.append(event)
        self._kept_bytes += len(event)
        if self._kept_bytes > self._streams.limits.buffer:
            self._cut_off("too much was waiting for the reader")

    def close(self) -> None:
        """End the stream in an orderly way; what the reader has not taken yet is still sent."""
        if self.closed:
            return
        if self._kept:
            self._request.write(b"".join(self._kept))
        self._end()
        self._request.unregisterProducer()
        self._request.finish()
        self._tell()

    def when_closed(self) -> Deferred[None]:
        """Fires when the stream has ended for whatever reason; a Klein handler returns this."""
        closed: Deferred[None] = Deferred()
        if self.closed:
            closed.callback(None)
        else:
            self._waiting.append(closed)
        return closed

    # --- Twisted's side ------------------------------------------------------------------------------

    def start(self) -> None:
        """For :class:`Streams`: send the headers and begin."""
        request = self._request
        request.setHeader(b"Content-Type", b"text/event-stream; charset=utf-8")
        request.setHeader(b"X-Accel-Buffering", b"no")  # nginx would collect the events otherwise
        request.notifyFinish().addErrback(lambda _gone: self._reader_gone())
        _give_up_on_dead_peers(request, self._streams.limits.stalled)
        request.registerProducer(self, True)
        self.send(HEARTBEAT)
        self._watch()

    def pauseProducing(self) -> None:
        """The reader's socket is full."""
        if self._paused_since is None:
            self._paused_since = self._streams.clock.monotonic()

    def resumeProducing(self) -> None:
        """The reader has taken all that was in his socket."""
        self._paused_since = None
        if self._kept and not self.closed:
            kept = b"".join(self._kept)
            self._kept.clear()
            self._kept_bytes = 0
            self.send(kept)

    def stopProducing(self) -> None:
        """The connection is being closed; the request's notification does the rest."""

    # --- ours ----------------------------------------------------------------------------------------

    def _watch(self) -> None:
        """Send a heartbeat if it is time, and cut off a reader who takes nothing."""
        self._timer = None
        clock, limits = self._streams.clock, self._streams.limits
        now = clock.monotonic()
        if self._paused_since is None and now - self._quiet_since >= limits.heartbeat:
            self.send(HEARTBEAT)
        if self._paused_since is None:
            wait = self._quiet_since + limits.heartbeat - now
        elif now - self._paused_since < limits.stalled:
            wait = min(limits.heartbeat, self._paused_since + limits.stalled - now)
        else:
            self._cut_off("the reader has taken nothing for too long")
            return
        self._timer = clock.later(wait, self._watch)

    def _cut_off(self, why: str) -> None:
        address = self._request.client_address.address
        _log.warn("event stream of {owner} from {address} cut off: {why}", owner=self.owner, address=address, why=why)
        if self._streams.metrics is not None:
            self._streams.metrics.cut_off.inc()
        self._end()
        # Not loseConnection: that waits for the reader to take what he does not take.
        self._request.channel.transport.abortConnection()

    def _reader_gone(self) -> None:
        self._end()
        self._tell()

    def _end(self) -> None:
        self.closed = True
        self._kept.clear()
        self._kept_bytes = 0
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._streams.ended(self)

    def _tell(self) -> None:
        waiting, self._waiting = self._waiting, []
        for closed in waiting:
            closed.callback(None)


class Streams:
    """All event streams of the daemon."""

    def __init__(self, clock: Clock, limits: StreamLimits | None = None, metrics: HttpMetrics | None = None) -> None:
        self.clock = clock
        self.limits = limits or StreamLimits()
        self.metrics = metrics
        self._open: dict[EventStream, None] = {}
        self._by_owner: Tally[str] = Tally()
        self._closing = False

    def __len__(self) -> int:
        return len(self._open)

    def open(self, request: Request, owner: str) -> EventStream:
        """Begin a stream as the answer to a request. ``owner`` is a user or address that has a share of its own.

        Raises :class:`TooManyStreams`, also while the daemon is being stopped; nothing is answered then.
        """
        if self._closing or len(self._open) >= self.limits.streams:
            raise TooManyStreams("no more event streams")
        if self._by_owner[owner] >= self.limits.per_owner:
            raise TooManyStreams(f"no more event streams for {owner}")
        stream = EventStream(request, self, owner)
        self._open[stream] = None
        self._by_owner[owner] += 1
        self._note()
        stream.start()
        return stream

    def close_all(self) -> None:
        """End all of them in an orderly way and begin no more; to be called before the site is drained."""
        self._closing = True
        for stream in tuple(self._open):
            stream.close()

    def ended(self, stream: EventStream) -> None:
        """For streams: one has ended."""
        if stream not in self._open:
            return
        del self._open[stream]
        self._by_owner[stream.owner] -= 1
        if not self._by_owner[stream.owner]:
            del self._by_owner[stream.owner]
        self._note()

    def _note(self) -> None:
        if self.metrics is not None:
            self.metrics.streams.set(len(self._open))


def _give_up_on_dead_peers(request: Request, seconds: float) -> None:
    """Have the system close the connection to a machine that is gone; by itself it may take it 15 minutes."""
    get_socket = getattr(request.channel.transport, "getHandle", None)
    handle = get_socket() if get_socket is not None else None
    if isinstance(handle, socket.socket) and handle.family in (socket.AF_INET, socket.AF_INET6):
        handle.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, round(seconds * 1000))
