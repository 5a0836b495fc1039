"""A tap between a reader's socket and his event stream: whoever has a lot to send waits until it is taken.

Without it a reader who comes again after a long time would be cut off as a slow one, over what he missed, and, since
a connection that is cut off loses what is still on its way, would never get any further.
"""

# mypy: allow-untyped-calls
# (Twisted's HTTP classes carry no annotations.)

from __future__ import annotations

from twisted.internet.defer import Deferred, succeed
from twisted.internet.interfaces import IPushProducer
from zope.interface import implementer

from agentd.http.request import Request
from agentd.http.sse import EventStream

__all__ = ["Tap"]


@implementer(IPushProducer)
class Tap:
    """Passes the socket's word on to the stream, and keeps it."""

    def __init__(self, request: Request, stream: EventStream) -> None:
        self.full = False
        """Whether the socket takes nothing more for now."""
        self._stream = stream
        self._waiting: list[Deferred[None]] = []
        request.unregisterProducer()
        request.registerProducer(self, True)
        stream.when_closed().addCallback(lambda _: self._go_on())

    def room(self) -> Deferred[None]:
        """Fires when the socket takes more, or the stream has ended; at once where that is so."""
        if not self.full or self._stream.closed:
            return succeed(None)
        waiting: Deferred[None] = Deferred()
        self._waiting.append(waiting)
        return waiting

    def _go_on(self) -> None:
        waiting, self._waiting = self._waiting, []
        for one in waiting:
            one.callback(None)

    # --- Twisted's side ------------------------------------------------------------------------------------------

    def pauseProducing(self) -> None:
        """The socket is full."""
        self.full = True
        self._stream.pauseProducing()

    def resumeProducing(self) -> None:
        """The socket has sent all that it had."""
        self.full = False
        self._stream.resumeProducing()
        self._go_on()

    def stopProducing(self) -> None:
        """The connection is being closed."""
        self._stream.stopProducing()
