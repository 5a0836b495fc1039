"""One FastAGI session on a connection: commands in a line, answers in step, deadlines.

Asterisk does not number its answers, so order is all there is: one command is in flight, the others wait. A second
command sent during a prompt would even end the prompt and swallow its answer (seen with Asterisk 22.10).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IDelayedCall, ITCPTransport
from twisted.internet.protocol import Protocol as TwistedProtocol
from twisted.internet.protocol import connectionDone
from twisted.logger import Logger
from twisted.python.failure import Failure

from agentd.fastagi.errors import (
    BadUsage,
    ChannelHungUp,
    CommandError,
    CommandFailed,
    CommandTimeout,
    DeadChannel,
    OutOfStep,
    SessionClosed,
    SessionExpired,
    TooManyCommands,
    UnknownCommand,
)
from agentd.fastagi.wire import Answer, Decoder, Environment, Frame, HangUp, Malformed, encode_command

__all__ = ["Counters", "FastAGIProtocol", "Limits", "TimerSource"]

log = Logger()

_REFUSALS: dict[int, type[CommandFailed]] = {510: UnknownCommand, 520: BadUsage}


class TimerSource(Protocol):
    """What a session needs of a reactor (or of a ``task.Clock``)."""

    def callLater(self, delay: float, function: Callable[..., object], /, *args: Any) -> IDelayedCall:
        """Call ``function`` after ``delay`` seconds."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How long and how much. Times are seconds."""

    command: float = 5.0
    """For an answer to a command that plays nothing and waits for nobody."""
    media: float = 300.0
    """For an answer to a command that plays a file, beside the time that it may wait for the caller."""
    idle: float = 60.0
    """Without a command in flight (the environment must come within it, too)."""
    total: float = 3600.0
    """From the connection to its end, whatever happens in between."""
    waiting: int = 32
    """Commands of one session that wait for their turn."""
    sessions: int = 500
    """Connections at one time."""


@dataclass(slots=True)
class Counters:
    """What happened since the start, for metrics."""

    accepted: int = 0
    refused_address: int = 0
    refused_full: int = 0
    unknown_route: int = 0
    failed_handlers: int = 0
    expired: int = 0
    out_of_step: int = 0
    late_answers: int = 0
    """Answers to commands that nobody waited for any more (deadline, hangup or cancelled)."""
    stray_lines: int = 0
    """Lines that were neither an answer nor part of one."""


@dataclass(slots=True, eq=False)
class _Pending:
    name: str
    line: bytes
    seconds: float
    result: Deferred[Answer]
    timer: IDelayedCall | None = field(default=None)
    over: bool = field(default=False)

    def take_result(self) -> Deferred[Answer] | None:
        """The Deferred to fire, once; None if it has fired already."""
        if self.timer is not None and self.timer.active():
            self.timer.cancel()
        if self.over:
            return None
        self.over = True
        return self.result


class FastAGIProtocol(TwistedProtocol):
    """The wire side of a session. ``started`` is called when the environment is there, ``ended`` at the very end."""

    transport: ITCPTransport | None
    environment: Environment
    """What Asterisk said about the call; there from ``started`` on."""

    def __init__(
        self,
        clock: TimerSource,
        started: Callable[[FastAGIProtocol], None],
        ended: Callable[[FastAGIProtocol], None],
        *,
        limits: Limits | None = None,
        counters: Counters | None = None,
    ) -> None:
        self.limits = limits or Limits()
        self.hung_up = False
        self._clock = clock
        self._started = started
        self._ended = ended
        self._counters = counters or Counters()
        self._decoder = Decoder()
        self._in_flight: _Pending | None = None
        self._waiting: deque[_Pending] = deque()
        self._closed: type[SessionClosed] | None = None
        self._why = ""
        self._reading = False
        self._idle: IDelayedCall | None = None
        self._total: IDelayedCall | None = None
        self._hangup_watchers: list[Deferred[None]] = []

    # What a caller may do

    @property
    def closed(self) -> bool:
        """True from the moment on at which no further command can be sent."""
        return self._closed is not None

    def send(self, name: str, *arguments: str | int, timeout: float | None = None) -> Deferred[Answer]:
        """Send one command when those before it are answered; fires with Asterisk's 200 answer.

        ``timeout`` (seconds, default ``limits.command``) runs from the moment at which the command is sent. Raises
        :class:`~agentd.fastagi.wire.UnsafeCommand` at once; the Deferred fails with a subclass of
        :class:`~agentd.fastagi.errors.CommandError`. Cancelling it gives up the wait; what is in flight can't be
        recalled. Nothing is ever sent again.
        """
        line = encode_command(name, *arguments)
        pending = _Pending(name, line, self.limits.command if timeout is None else timeout, Deferred(self._cancelled))
        if self._closed is not None:
            pending.result.errback(self._closed(name, self._why))
        elif len(self._waiting) >= self.limits.waiting:
            pending.result.errback(TooManyCommands(name, f"{len(self._waiting)} commands wait already"))
        else:
            self._waiting.append(pending)
            self._send_next()
        return pending.result

    def when_hung_up(self) -> Deferred[None]:
        """A Deferred of the caller's own that fires when the channel hangs up, is redirected or the session ends."""
        watcher: Deferred[None] = Deferred()
        if self.hung_up or self.closed:
            watcher.callback(None)
        else:
            self._hangup_watchers.append(watcher)
        return watcher

    def close(self, why: str = "finished") -> None:
        """End the session: the dialplan goes on. Commands without an answer fail with ``SessionClosed``."""
        if self._end(SessionClosed, why) and self.transport is not None:
            self.transport.loseConnection()

    # What Twisted calls

    def connectionMade(self) -> None:
        self._total = self._clock.callLater(
            self.limits.total, self._expire, f"total deadline of {self.limits.total:g} s"
        )
        self._rest()

    def dataReceived(self, data: bytes) -> None:
        """Take all frames of a segment before the next command leaves.

        So an answer too many that comes with the right one (a variable whose value looks like an answer) meets no
        command that it could be mistaken for.
        """
        if self._closed is not None:
            return
        self._reading = True
        ignored = self._decoder.ignored
        for frame in self._decoder.feed(data):
            self._receive(frame)
            if self.closed:
                break
        self._counters.stray_lines += self._decoder.ignored - ignored
        self._reading = False
        self._send_next()

    def connectionLost(self, _reason: Failure = connectionDone) -> None:
        self._end(SessionClosed, "connection lost")
        self._ended(self)

    # Frames

    def _receive(self, frame: Frame) -> None:
        if isinstance(frame, Answer):
            if frame.code != 100:
                self._answered(frame)
        elif isinstance(frame, HangUp):
            self._channel_hung_up()
        elif isinstance(frame, Malformed):
            self._out_of_step(frame.reason)
        else:
            self.environment = frame
            self._rest()
            self._started(self)

    def _answered(self, answer: Answer) -> None:
        pending, self._in_flight = self._in_flight, None
        if pending is None:
            self._out_of_step(f"an answer ({answer.code}) without a command")
            return
        self._rest()
        waiting = pending.take_result()
        if waiting is None:
            self._counters.late_answers += 1
        elif answer.code == 200:
            waiting.callback(answer)
        elif answer.code == 511:
            self._mark_hung_up()
            waiting.errback(DeadChannel(pending.name, answer.text))
        else:
            waiting.errback(_REFUSALS.get(answer.code, CommandFailed)(pending.name, answer))

    def _channel_hung_up(self) -> None:
        self._mark_hung_up()
        if self._in_flight is not None:
            self._give_up(self._in_flight, ChannelHungUp(self._in_flight.name, "the channel hung up"))

    def _mark_hung_up(self) -> None:
        self.hung_up = True
        self._fire_hangup_watchers()

    def _fire_hangup_watchers(self) -> None:
        watchers, self._hangup_watchers = self._hangup_watchers, []
        for watcher in watchers:
            watcher.callback(None)

    # The line of commands

    def _send_next(self) -> None:
        if self._reading or self._in_flight is not None or not self._waiting or self.closed:
            return
        pending = self._in_flight = self._waiting.popleft()
        self._stop(self._idle)
        pending.timer = self._clock.callLater(
            pending.seconds, self._give_up, pending, CommandTimeout(pending.name, pending.seconds)
        )
        assert self.transport is not None
        self.transport.write(pending.line)

    def _give_up(self, pending: _Pending, error: CommandError) -> None:
        """Fail a command in flight; its place stays taken until its answer comes, so that later ones keep in step."""
        waiting = pending.take_result()
        self._rest()
        if waiting is not None:
            waiting.errback(error)

    def _cancelled(self, result: Deferred[Answer]) -> None:
        """A caller lost interest. Twisted fails the Deferred itself."""
        for pending in list(self._waiting):
            if pending.result is result:
                self._waiting.remove(pending)
        if self._in_flight is not None and self._in_flight.result is result:
            self._in_flight.take_result()
            self._rest()

    # Deadlines and the end

    def _rest(self) -> None:
        """Nothing is in flight, or nobody waits for it: the idle time begins."""
        self._stop(self._idle)
        if not self.closed:
            self._idle = self._clock.callLater(self.limits.idle, self._expire, f"idle for {self.limits.idle:g} s")

    def _expire(self, why: str) -> None:
        self._counters.expired += 1
        self._abort(SessionExpired, why)

    def _out_of_step(self, why: str) -> None:
        self._counters.out_of_step += 1
        self._abort(OutOfStep, why)

    def _abort(self, error: type[SessionClosed], why: str) -> None:
        if self._end(error, why):
            log.warn("FastAGI session on {channel} closed: {why}", channel=self._channel(), why=why)
            if self.transport is not None:
                self.transport.abortConnection()

    def _end(self, error: type[SessionClosed], why: str) -> bool:
        """Close the line of commands, once: everything pending fails with an error that says why."""
        if self._closed is not None:
            return False
        self._closed, self._why = error, why
        self._stop(self._idle)
        self._stop(self._total)
        pending = [*([self._in_flight] if self._in_flight else []), *self._waiting]
        self._in_flight = None
        self._waiting.clear()
        for command in pending:
            waiting = command.take_result()
            if waiting is not None:
                waiting.errback(error(command.name, why))
        self._fire_hangup_watchers()
        return True

    def _channel(self) -> str:
        return self.environment.channel if hasattr(self, "environment") else "(no environment)"

    @staticmethod
    def _stop(timer: IDelayedCall | None) -> None:
        if timer is not None and timer.active():
            timer.cancel()
