"""A process that the sandbox has started: whether it runs, and when it ended."""

from __future__ import annotations

from twisted.internet.defer import Deferred
from twisted.internet.error import ProcessExitedAlready
from twisted.internet.interfaces import IProcessTransport
from twisted.internet.protocol import ProcessProtocol
from twisted.python.failure import Failure

__all__ = ["Process"]


class Process(ProcessProtocol):
    """Knows whether the process runs, and tells who waits for its end."""

    def __init__(self) -> None:
        self.running = False
        self.pid: int | None = None
        self._reason = "it was not started"
        self._waiting: list[Deferred[str]] = []

    def connectionMade(self) -> None:
        self.running = True
        self.pid = self._transport().pid

    def processEnded(self, reason: Failure) -> None:
        self.running = False
        self._reason = reason.getErrorMessage()
        waiting, self._waiting = self._waiting, []
        for deferred in waiting:
            deferred.callback(self._reason)

    def when_gone(self) -> Deferred[str]:
        deferred: Deferred[str] = Deferred()
        if self.running:
            self._waiting.append(deferred)
        else:
            deferred.callback(self._reason)
        return deferred

    def signal(self, name: str) -> None:
        """Send a signal; one that is gone already is no error."""
        try:
            self._transport().signalProcess(name)
        except ProcessExitedAlready:
            return

    def _transport(self) -> IProcessTransport:
        transport: IProcessTransport | None = self.transport
        assert transport is not None
        return transport
