"""A manager connection that comes back by itself.

    client = AMIClient("agentd", secret, "tls:pbx.example:5039", reactor=reactor)
    client.register_event(Hangup, lambda client, event: print(event.channel, event.cause_txt))
    client.start()
    await client.when_live()
    await client.originate("PJSIP/502", "agentd-conf", "8600051", channel_id="…")

On the way to a live link it connects, logs in, waits for FullyBooted, asks for the events that handlers want and no
others, and then lets ``synchronise`` look at Asterisk's state. Events that happen meanwhile are kept and handed on
afterwards, so that nothing is lost between the snapshot and the stream. When the link ends, what is pending fails with
LinkLost, and the client starts again; it never repeats an action by itself.
"""

from __future__ import annotations

import random as random_module
import secrets
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, TypeVar

from twisted.internet.defer import (
    CancelledError,
    Deferred,
    TimeoutError,  # noqa: A004 - Twisted's own, raised by addTimeout
    ensureDeferred,
    fail,
    maybeDeferred,
    succeed,
)
from twisted.internet.endpoints import clientFromString
from twisted.internet.error import ConnectError, DNSLookupError
from twisted.internet.interfaces import IAddress, IReactorTime, IStreamClientEndpoint
from twisted.internet.protocol import Factory
from twisted.internet.task import deferLater
from twisted.logger import Logger
from twisted.python.failure import Failure

from agentd.ami.actions import Action
from agentd.ami.counters import Counters
from agentd.ami.errors import (
    ActionFailed,
    AMIError,
    AuthenticationFailed,
    LinkDown,
    LinkLost,
    LinkTimeout,
)
from agentd.ami.handlers import Handler, Handlers
from agentd.ami.link import Backoff, Link, LinkState
from agentd.ami.lists import ListResult
from agentd.ami.messages import Event, Response
from agentd.ami.protocol import AMIProtocol
from agentd.ami.subscription import Subscription
from agentd.ami.tuning import Tuning
from agentd.ami.verbs import Verbs

__all__ = ["AMIClient"]

T = TypeVar("T")
E = TypeVar("E", bound=Event)


class AMIClient(Verbs):
    """One PBX. ``endpoint`` is a Twisted client endpoint or its string: ``tcp:127.0.0.1:5038``, or with TLS
    ``tls:pbx.example:5039:trustRoots=/etc/agentd/ca`` (the certificate is checked against the CAs in that folder,
    or the system's).

    ``challenge`` chooses the MD5 login, which does not send the secret; by default it is used unless the endpoint
    string begins with ``tls:``. ``synchronise(client)`` runs in state syncing and may return an awaitable; if it fails,
    the link starts again. ``on_alarm(text)`` is called when a human is needed: Asterisk refuses user name or secret.
    """

    _log = Logger()

    def __init__(
        self,
        username: str,
        secret: str,
        endpoint: str | IStreamClientEndpoint = "tcp:127.0.0.1:5038",
        *,
        reactor: IReactorTime,
        name: str = "pbx",
        challenge: bool | None = None,
        synchronise: Callable[[AMIClient], Awaitable[Any] | None] | None = None,
        on_alarm: Callable[[str], object] | None = None,
        tuning: Tuning | None = None,
        random: Callable[[], float] = random_module.random,
    ) -> None:
        self.name = name
        self.tuning = tuning or Tuning()
        self.counters = Counters()
        self.alarm: str | None = None
        """Why a human is needed, while one is."""
        self.link = Link(name)
        self._username = username
        self._secret = secret
        self._clock = reactor
        self._endpoint: IStreamClientEndpoint = (
            clientFromString(reactor, endpoint) if isinstance(endpoint, str) else endpoint
        )
        tls = isinstance(endpoint, str) and endpoint.startswith(("tls:", "ssl:"))
        self._challenge = not tls if challenge is None else challenge
        self._synchronise = synchronise
        self._on_alarm = on_alarm
        self._backoff = Backoff(self.tuning, random)
        self._handlers = Handlers(self.counters)
        self._filters = True
        self._kept: deque[Event] | None = None  # events that wait for the end of the synchronisation
        self._protocol: AMIProtocol | None = None
        self._subscription: Subscription | None = None
        self._waiting: Deferred[Any] | None = None
        self._stopping = True
        self._running = False
        self._live_since: float | None = None

    # --- life ------------------------------------------------------------------------------------------------------

    @property
    def state(self) -> LinkState:
        """Where the link is."""
        return self.link.state

    @property
    def backlog(self) -> int:
        """Frames that have come and were not handled yet."""
        return self._protocol.backlog if self._protocol else 0

    @property
    def lag(self) -> float:
        """For how many seconds the oldest frame has been waiting."""
        return self._protocol.lag if self._protocol else 0.0

    @property
    def pending(self) -> int:
        """Actions without an answer yet."""
        return self._protocol.pending if self._protocol else 0

    def start(self) -> None:
        """Bring the link up, and up again whenever it goes down, until :meth:`stop`. Starting twice does nothing.

        Raises LinkDown while it is still being stopped.
        """
        if not self._stopping:
            return
        if self._running or self.state is LinkState.CLOSING:
            raise LinkDown("still being stopped")
        self._stopping = False
        ensureDeferred(self._run()).addErrback(self._broken)

    def stop(self) -> Deferred[None]:
        """Close the link for good; fires when the connection is gone. What is pending fails with LinkLost."""
        self._stopping = True
        protocol, self._protocol = self._protocol, None
        if self.state not in (LinkState.DISCONNECTED, LinkState.CLOSING):
            self.link.move(LinkState.CLOSING, "stopped")
        if self._waiting is not None:
            self._waiting.cancel()
        self.link.give_up("stopped")
        if protocol is not None:
            protocol.close("stopped")
        gone: Deferred[Any] = succeed(None) if protocol is None else protocol.when_lost()
        return gone.addCallback(self._stopped)

    def when_live(self) -> Deferred[None]:
        """Fires when the link is live, at once if it is; a Deferred for each caller. Fails with LinkDown on stop."""
        return self.link.when_live()

    # --- events ----------------------------------------------------------------------------------------------------

    def register_event(self, event: type[E] | str | None, function: Handler[E]) -> None:
        """Call ``function(client, event)`` for each event of this type or name, or for all (None).

        It has to be short. If it raises, that is logged and counted, and the others still run. starpy:
        ``registerEvent``. Registered on a live link, it may miss the events of the next milliseconds.
        """
        if self._handlers.add(event, function) and self._protocol is not None:
            self._ask_for_more(self._protocol)

    def deregister_event(self, event: type[E] | str | None, function: Handler[E]) -> None:
        """Undo :meth:`register_event`. Raises ValueError if it was not registered. starpy: ``deregisterEvent``."""
        self._handlers.remove(event, function)
        if self._protocol is not None:
            self._protocol.wanted = self._handlers.wanted

    registerEvent = register_event
    deregisterEvent = deregister_event

    # --- actions ---------------------------------------------------------------------------------------------------

    def send(self, action: Action, timeout: float | None = None) -> Deferred[Response]:
        """Send an action; fires with its answer, a good one.

        Fails with ActionFailed (Asterisk refused), ActionTimeout (default 5 s), LinkLost (``sent`` says whether it may
        have been done), SwitchBusy (too many are waiting), FrameTooLong, or UnsafeHeader (nothing was sent).
        """
        if self._protocol is None or self.state not in (LinkState.SYNCING, LinkState.LIVE):
            return fail(LinkLost(action, self.link.reason or self.state.value, sent=False))
        return self._protocol.send(action, timeout)

    def collect(
        self,
        action: Action,
        *,
        idle: float | None = None,
        total: float | None = None,
        on_item: Callable[[Event], object] | None = None,
    ) -> Deferred[ListResult]:
        """Send a list action; fires with its items.

        Fails as :meth:`send` does, and with ListIncomplete (``partial`` has what came) when nothing came for ``idle``
        seconds (5), the end not within ``total`` (30), or another number of items than promised.
        """
        if self._protocol is None or self.state not in (LinkState.SYNCING, LinkState.LIVE):
            return fail(LinkLost(action, self.link.reason or self.state.value, sent=False))
        protocol = self._protocol
        if action.action_name == "Originate" and self._handlers.want("OriginateResponse"):
            # The end of this one is an event like others, which a filter would keep from us.
            asked = self._ask_for_more(protocol)
            return asked.addCallback(lambda _: protocol.collect(action, idle=idle, total=total, on_item=on_item))
        return protocol.collect(action, idle=idle, total=total, on_item=on_item)

    # --- the way to a live link ------------------------------------------------------------------------------------

    async def _run(self) -> None:
        self._running = True
        try:
            while not self._stopping:
                why, refusal = await self._attempt()
                self._protocol = self._subscription = self._kept = None
                if not self._stopping:
                    await self._rest(why, refusal)
        finally:
            self._running = False

    async def _rest(self, why: str, refusal: AuthenticationFailed | None) -> None:
        """Between two links."""
        self.link.move(LinkState.DISCONNECTED, why)
        if refusal is not None:
            self._raise_alarm(refusal)
        since, self._live_since = self._live_since, None
        if since is not None and self._clock.seconds() - since >= self.tuning.retry_longest:
            self._backoff.reset()  # a link that is lost again and again is not tried ten times a second
        delay = self._backoff.delay() if refusal is None else self.tuning.retry_refused
        with suppress(CancelledError, LinkDown):  # stopped meanwhile
            await self._wait(deferLater(self._clock, delay))

    async def _attempt(self) -> tuple[str, AuthenticationFailed | None]:
        """One link from its beginning to its end; why it ended, and the refusal if it was one."""
        try:
            self.link.move(LinkState.CONNECTING)
            protocol = await self._connect()
            try:
                await self._log_in(protocol)
                await self._synchronised(protocol)
                return await self._wait(protocol.when_lost()), None
            finally:
                protocol.close("link ended")
        except AuthenticationFailed as error:
            return f"refused: {error.message}", error
        except (AMIError, ConnectError, DNSLookupError, OSError) as error:
            return str(error), None
        except Exception as error:  # noqa: BLE001 - whatever the synchronisation raises, the next link may be better
            if not self._stopping:
                self._log.failure("PBX link {name} broke", name=self.name)
            return f"{type(error).__name__}: {error}", None

    async def _connect(self) -> AMIProtocol:
        factory = _Factory(self._make_protocol)
        connecting = self._endpoint.connect(factory)
        protocol = await self._step("connection", connecting, self.tuning.connect_timeout)
        assert isinstance(protocol, AMIProtocol)
        self._protocol = protocol
        return protocol

    def _make_protocol(self) -> AMIProtocol:
        self._kept = deque()
        boot = secrets.token_hex(4)
        protocol = AMIProtocol(
            self._clock, boot, lambda event: self._event(protocol, event), tuning=self.tuning, counters=self.counters
        )
        protocol.wanted = self._handlers.wanted
        return protocol

    async def _log_in(self, protocol: AMIProtocol) -> None:
        tuning = self.tuning
        self.link.move(LinkState.GREETING)
        await self._step("greeting", protocol.when_greeted(), tuning.greeting_timeout)
        self.link.move(LinkState.AUTHENTICATING)
        # Only system events for now: FullyBooted is one, the others come when they are asked for.
        login = protocol.login(self._username, self._secret, challenge=self._challenge, events="system")
        await self._step("login", ensureDeferred(login), tuning.login_timeout)
        self.alarm = None
        self.link.move(LinkState.BOOTING)
        protocol.keep_alive()
        await self._step("FullyBooted (read privilege system?)", protocol.when_booted(), tuning.boot_timeout)

    async def _synchronised(self, protocol: AMIProtocol) -> None:
        """Events on and kept, then the snapshot, then what happened meanwhile, then live."""
        self.link.move(LinkState.SYNCING)
        self._subscription = Subscription(protocol, filters=self._filters)
        try:
            await self._step("event filters", self._ask(), self.tuning.sync_timeout)
        except ActionFailed:
            self._filters = False  # some are set, others refused: the next link does without
            raise
        if self._synchronise is not None:
            looking = maybeDeferred(self._synchronise, self)
            await self._step("synchronisation", looking, self.tuning.sync_timeout)
        while self._kept:
            for _ in range(min(len(self._kept), self.tuning.turn_budget)):
                self._handlers.deliver(self, self._kept.popleft())
            if self._kept:
                await self._wait(deferLater(self._clock, 0))
        self._kept = None
        self._live_since = self._clock.seconds()
        self.link.move(LinkState.LIVE)

    async def _step(self, step: str, deferred: Deferred[T], seconds: float) -> T:
        """Wait for one step of the way. Raises LinkTimeout if it takes longer than it may."""
        try:
            return await self._wait(deferred.addTimeout(seconds, self._clock))
        except TimeoutError:
            raise LinkTimeout(step, seconds) from None

    async def _wait(self, deferred: Deferred[T]) -> T:
        """Wait for something that :meth:`stop` cancels."""
        if self._stopping:
            deferred.addErrback(lambda _: None)
            deferred.cancel()
            raise LinkDown("stopped")
        self._waiting = deferred
        try:
            return await deferred
        finally:
            self._waiting = None

    # --- what happens on it ----------------------------------------------------------------------------------------

    def _event(self, protocol: AMIProtocol, event: Event) -> None:
        if protocol is not self._protocol:
            return  # a link that is being closed: the next one begins with a snapshot
        if self._kept is None:
            self._handlers.deliver(self, event)
        elif len(self._kept) < self.tuning.sync_events:
            self._kept.append(event)
        else:
            protocol.abort(f"more than {len(self._kept)} events during the synchronisation")

    def _ask(self) -> Deferred[None]:
        assert self._subscription is not None
        return ensureDeferred(self._subscription.ask(self._handlers.wanted))

    def _ask_for_more(self, protocol: AMIProtocol) -> Deferred[None]:
        protocol.wanted = self._handlers.wanted
        if self._subscription is None:
            return succeed(None)  # not asked yet: it will be with the others
        return self._ask().addErrback(lambda failure: protocol.abort(f"events refused: {failure.getErrorMessage()}"))

    def _raise_alarm(self, refusal: AuthenticationFailed) -> None:
        self.counters.refusals += 1
        self.alarm = f"Asterisk refuses user {self._username!r}: {refusal.message}"
        self._log.critical("PBX link {name}: {alarm}", name=self.name, alarm=self.alarm)
        if self._on_alarm is not None:
            self._on_alarm(self.alarm)

    def _stopped(self, _: object) -> None:
        if self._stopping and self.state is LinkState.CLOSING:
            self.link.move(LinkState.DISCONNECTED, "stopped")

    def _broken(self, failure: Failure) -> None:
        if not self._stopping:
            self._log.failure("PBX link {name} ended for good", failure, name=self.name)


class _Factory(Factory):
    """Makes the protocol of one connection."""

    noisy = False

    def __init__(self, make: Callable[[], AMIProtocol]) -> None:
        self._make = make

    def buildProtocol(self, addr: IAddress | None) -> AMIProtocol:  # noqa: ARG002
        """The protocol."""
        return self._make()
