"""One connection to Asterisk's manager interface, as a Twisted protocol.

It puts together the decoder, the inbox and the table of requests, and knows how to log in and to stay alive. It knows
nothing of reconnecting: :mod:`agentd.ami.client` does that.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import cast

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IDelayedCall, IPushProducer, IReactorTime, ITCPTransport
from twisted.internet.protocol import Protocol, connectionDone
from twisted.logger import Logger
from twisted.python.failure import Failure

from agentd.ami.actions import Action, Challenge, Login, Ping
from agentd.ami.counters import Counters
from agentd.ami.errors import LinkDown, NotAnAsterisk
from agentd.ami.inbox import Inbox
from agentd.ami.lists import ListResult
from agentd.ami.messages import Event, Response
from agentd.ami.once import Once
from agentd.ami.requests import Requests
from agentd.ami.tuning import Tuning
from agentd.ami.typed import make_event
from agentd.ami.wire import Decoder, Frame, Kind

__all__ = ["AMIProtocol"]

_GREETING = "Asterisk Call Manager"


class AMIProtocol(Protocol):
    """Speaks AMI over any stream transport.

    ``on_event`` gets every event that is wanted and belongs to no list, in order, a bounded number per reactor turn.
    ``boot`` begins every ActionID and must differ between connections. Actions are never sent twice.
    """

    _log = Logger()

    def __init__(
        self,
        clock: IReactorTime,
        boot: str,
        on_event: Callable[[Event], object],
        *,
        tuning: Tuning | None = None,
        counters: Counters | None = None,
    ) -> None:
        self.tuning = limits = tuning or Tuning()
        self.counters = counters or Counters()
        self._clock = clock
        self._on_event = on_event
        self._decoder = Decoder(limits.max_frame, limits.max_headers)
        self._inbox = Inbox()
        self._requests = Requests(
            clock, self._write, boot, self.counters, window=self.tuning.window, waiting=self.tuning.waiting
        )
        self._greeting: Once[str] = Once()
        self._booted: Once[Event] = Once()
        self._lost: Once[str] = Once()
        self._turn: IDelayedCall | None = None
        self._keep_alive: IDelayedCall | None = None
        self._closing: IDelayedCall | None = None
        self._paused = False
        self._heard = 0.0
        self._reason: str | None = None
        self._gone = False

    # --- what an owner asks ----------------------------------------------------------------------------------------

    @property
    def wanted(self) -> frozenset[str] | None:
        """Names of the events to hand on; None for all. Others are skipped unread."""
        return self._decoder.wanted

    @wanted.setter
    def wanted(self, names: frozenset[str] | None) -> None:
        self._decoder.wanted = None if names is None else names | {"FullyBooted"}

    @property
    def pending(self) -> int:
        """Actions without an answer yet."""
        return len(self._requests)

    @property
    def backlog(self) -> int:
        """Frames that have come and were not handled yet."""
        return len(self._inbox)

    @property
    def lag(self) -> float:
        """For how many seconds the oldest frame has been waiting to be handled; 0 when there is none."""
        return self._inbox.lag(self._clock.seconds())

    def when_greeted(self) -> Deferred[str]:
        """Fires with the banner. Fails with NotAnAsterisk, or LinkDown."""
        return self._greeting.when()

    def when_booted(self) -> Deferred[Event]:
        """Fires with FullyBooted. Fails with LinkDown."""
        return self._booted.when()

    def when_lost(self) -> Deferred[str]:
        """Fires with the reason when the connection has ended."""
        return self._lost.when()

    def send(self, action: Action, timeout: float | None = None) -> Deferred[Response]:
        """Send an action; fires with its answer. Fails as :meth:`Requests.send` says."""
        return self._requests.send(action, self.tuning.action_timeout if timeout is None else timeout)

    def collect(
        self,
        action: Action,
        *,
        idle: float | None = None,
        total: float | None = None,
        on_item: Callable[[Event], object] | None = None,
    ) -> Deferred[ListResult]:
        """Send a list action; fires with its items. Fails as :meth:`Requests.collect` says."""
        return self._requests.collect(
            action,
            self.tuning.list_idle if idle is None else idle,
            self.tuning.list_total if total is None else total,
            on_item,
        )

    async def login(self, username: str, secret: str, *, challenge: bool, events: str = "on") -> Response:
        """Authenticate; with ``challenge`` the secret itself is not sent. Raises AuthenticationFailed if refused."""
        timeout = self.tuning.login_timeout
        if not challenge:
            return await self.send(Login(username, secret=secret, events=events), timeout)
        answer = await self.send(Challenge(), timeout)
        # MD5 is the protocol's choice, not ours; a wire that others can read needs TLS.
        text = answer["Challenge"] + secret
        key = hashlib.md5(text.encode("utf-8", "surrogateescape"), usedforsecurity=False).hexdigest()
        return await self.send(Login(username, auth_type="MD5", key=key, events=events), timeout)

    def keep_alive(self) -> None:
        """From now on send a Ping now and then, and end the connection when silence follows."""
        if self._keep_alive is None and not self._gone:
            self._keep_alive = self._clock.callLater(self.tuning.ping_interval, self._ping)

    def close(self, reason: str) -> None:
        """End the connection in good order, or at once if that takes long; what is pending fails with LinkLost."""
        if self._closing is None and not self._gone:
            self._closing = self._clock.callLater(self.tuning.close_timeout, self.abort, reason)
            self._end(reason, self._transport().loseConnection)

    def abort(self, reason: str) -> None:
        """End the connection at once."""
        if not self._gone:
            self._end(reason, self._transport().abortConnection)

    # --- Twisted's side --------------------------------------------------------------------------------------------

    def connectionMade(self) -> None:
        """Small packets go out at once, and dead peers are noticed by the kernel, too."""
        self.counters.connects += 1
        self._heard = self._clock.seconds()
        if ITCPTransport.providedBy(self.transport):
            self.transport.setTcpNoDelay(True)
            self.transport.setTcpKeepAlive(True)

    def dataReceived(self, data: bytes) -> None:
        """Cut the bytes into frames and handle them, within this turn's budget."""
        self._heard = self._clock.seconds()
        decoder = self._decoder
        decoder.keep_answers = self._requests.collecting
        self._inbox.put(self._heard, decoder.feed(data))
        self.counters.skipped += decoder.skipped
        decoder.skipped = 0
        if self._turn is None:
            self._work()
        else:
            self._regulate()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Send no more, handle what had come, turn by turn, and then fail everything that is still pending."""
        self._gone = True
        self._reason = self._reason or reason.getErrorMessage()
        for timer in (self._keep_alive, self._closing):
            if timer is not None and timer.active():
                timer.cancel()
        self._requests.seal(self._reason)
        if self._turn is None:
            self._work()

    # --- inside ----------------------------------------------------------------------------------------------------

    def _transport(self) -> ITCPTransport:
        assert self.transport is not None
        return cast("ITCPTransport", self.transport)

    def _write(self, data: bytes) -> None:
        self._transport().write(data)

    def _end(self, reason: str, how: Callable[[], object]) -> None:
        self._reason = self._reason or reason
        self._requests.close(self._reason)
        how()

    def _work(self) -> None:
        """One turn: a budget of frames, then the reactor's other work, then the next turn."""
        self._turn = None
        self._handle(self.tuning.turn_budget)
        if self._inbox:
            self._turn = self._clock.callLater(0, self._work)
        elif self._gone:
            self._finish()
        if not self._gone:
            self._regulate()

    def _finish(self) -> None:
        """The connection has ended and all that came on it is handled."""
        why = self._reason or "closed"
        self._requests.close(why)
        self._greeting.fail(LinkDown(why))
        self._booted.fail(LinkDown(why))
        self._lost.fire(why)

    def _regulate(self) -> None:
        """Stop reading above the high mark, go on below the low one."""
        waiting = len(self._inbox)
        producer = cast("IPushProducer", self.transport)
        if not self._paused and waiting > self.tuning.high_water:
            self._paused = True
            self.counters.pauses += 1
            producer.pauseProducing()
        elif self._paused and waiting <= self.tuning.low_water:
            self._paused = False
            producer.resumeProducing()

    def _handle(self, most: int) -> None:
        for frame in self._inbox.take(most):
            self._frame(frame)

    def _frame(self, frame: Frame) -> None:
        if frame.kind is Kind.EVENT and not frame.truncated:
            event = make_event(frame)
            if self._requests.event(event):
                return
            self.counters.events += 1
            if event.name == "FullyBooted":
                self._booted.fire(event)
            self._on_event(event)
        elif frame.kind is Kind.RESPONSE:
            self._requests.response(Response(frame))
        elif frame.kind is Kind.BANNER:
            self._greeted(frame.name)
        else:
            self.counters.noise += 1
            self._log.warn("frame from Asterisk that is no message: {frame!r}", frame=frame)

    def _greeted(self, banner: str) -> None:
        if banner.startswith(_GREETING):
            self._greeting.fire(banner)
        else:
            self._greeting.fail(NotAnAsterisk(f"greeted with {banner[:80]!r}"))
            self.abort("not a manager interface")

    def _ping(self) -> None:
        asked = self._clock.seconds()
        self._keep_alive = self._clock.callLater(self.tuning.ping_deadline, self._check, asked)
        pong = self._requests.send(Ping(), self.tuning.ping_deadline, urgent=True)
        pong.addErrback(lambda _: None)  # _check looks for any byte, which is the better sign of life

    def _check(self, asked: float) -> None:
        if self._heard < asked and not self._paused and not self._inbox:
            self.abort(f"silent for {self._clock.seconds() - self._heard:.1f} s")
        else:
            self._keep_alive = self._clock.callLater(self.tuning.ping_interval, self._ping)
