"""DTMF digits for the far ends of legs, over a pool of manager connections without events.

A digit blocks the connection that it is asked on for as long as it sounds (Asterisk 22.10.1), hence the pool. The
digits of one leg go one at a time with a gap between them: of digits sent in a burst the far end hears some twice.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

from twisted.internet.defer import Deferred
from twisted.logger import Logger
from twisted.python.failure import Failure

from agentd.ami import actions as a
from agentd.ami.client import AMIClient
from agentd.ami.errors import ActionFailed
from agentd.ami.link import LinkState

__all__ = ["DURATION", "GAP", "PAUSE", "Digits"]

DURATION = 100
"""How long a digit sounds, in milliseconds."""
GAP = 0.12
"""Seconds of silence after a digit."""
PAUSE = 1.0
"""Seconds of silence for a comma."""


class _Line:
    """The digits that wait for one leg. It exists until the gap after the last of them is over."""

    def __init__(self, leg: str) -> None:
        self.leg = leg
        self.waiting: deque[str] = deque()


class Digits:
    """Sends digits, those of one leg in order and of many legs by turns. ``later(seconds, function, …)`` sets a timer.

    Which digits they are is told to Asterisk alone: they may be a card's number. ``dropped`` counts those never sent.
    """

    log = Logger()

    def __init__(self, clients: Sequence[AMIClient], later: Callable[..., object]) -> None:
        self._free = list(clients)
        self._later = later
        self._lines: dict[str, _Line] = {}
        self._turns: deque[_Line] = deque()  # lines whose next digit may sound, and that wait for a connection
        self.dropped = 0
        for client in clients:
            client.link.watch(lambda _state, _reason: self._serve())

    def send(self, leg: str, digits: str) -> None:
        """Let the leg's far end hear the digits, behind those that wait already; ``,`` is a second of silence."""
        line = self._lines.get(leg)
        if line is not None:
            line.waiting.extend(digits)
            return
        line = self._lines[leg] = _Line(leg)
        line.waiting.extend(digits)
        self._go_on(line)

    def drop(self, leg: str) -> None:
        """Forget what the leg was still to hear: it is being moved."""
        self._drop(leg, "the leg is moved")

    def gone(self, leg: str) -> None:
        """Forget what the leg was still to hear: its channel has ended."""
        self._drop(leg, "the leg is gone")

    def _drop(self, leg: str, why: str) -> None:
        line = self._lines.get(leg)
        if line is None:
            return
        count = len(line.waiting) - line.waiting.count(",")
        line.waiting.clear()
        if line in self._turns:
            self._turns.remove(line)
            del self._lines[leg]
        if count:
            self.dropped += count
            self.log.info("{count} digits for {leg} are dropped: {why}", count=count, leg=leg, why=why)

    def _go_on(self, line: _Line) -> None:
        """The line is silent: its next digit may have a turn."""
        if not line.waiting:
            del self._lines[line.leg]
        elif line.waiting[0] == ",":
            line.waiting.popleft()
            self._later(PAUSE, self._go_on, line)
        else:
            self._turns.append(line)
            self._serve()

    def _serve(self) -> None:
        """Give the free connections to the lines whose turn it is. Without a live one they wait."""
        while self._turns:
            client = next((client for client in self._free if client.state is LinkState.LIVE), None)
            if client is None:
                return
            self._free.remove(client)
            line = self._turns.popleft()
            sounding: Deferred[Any] = client.send(a.PlayDTMF(line.leg, line.waiting.popleft(), DURATION))
            sounding.addErrback(self._failed, line).addCallback(self._sounded, client, line)

    def _failed(self, failure: Failure, line: _Line) -> None:
        """Whether the digit was heard is not known, and what would follow is worth nothing without it."""
        error = failure.value
        # An AMIError's own text names the digit, which is for no log.
        why = error.message if isinstance(error, ActionFailed) else f"{type(error).__name__} of its connection"
        self.dropped += 1
        self.log.warn("a digit for {leg} was not sent: {why}", leg=line.leg, why=why)
        self._drop(line.leg, "one before them was not sent")

    def _sounded(self, _: object, client: AMIClient, line: _Line) -> None:
        self._free.append(client)
        self._later(GAP, self._go_on, line)
        self._serve()
