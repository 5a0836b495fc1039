"""Where Asterisk's ``AGI(agi://host:port/route)`` arrives: who may, how many, and which handler."""

from __future__ import annotations

import ipaddress
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IAddress, IDelayedCall
from twisted.internet.protocol import Factory
from twisted.logger import Logger
from twisted.python.failure import Failure

from agentd.fastagi.commands import AGI
from agentd.fastagi.errors import ChannelHungUp, SessionClosed
from agentd.fastagi.protocol import Counters, FastAGIProtocol, Limits, TimerSource

__all__ = ["FastAGIFactory", "Handler"]

log = Logger()

Handler = Callable[[AGI], Awaitable[Any]]
"""Serves one session; the connection is closed, and the dialplan goes on, when what it returned is done."""


class FastAGIFactory(Factory):
    """Serves FastAGI sessions from a fixed table of routes.

    A session's ``agi_network_script`` must be a key of ``routes``, letter for letter: it is never a path and never
    code. An unknown route, a failed handler, an address outside ``allowed`` and a connection too many are logged,
    counted and closed at once, so that the dialplan goes on (Asterisk then says AGISTATUS=SUCCESS: don't branch on it).
    A handler is not cancelled when its channel hangs up: its next command tells it. starpy: ``FastAGIFactory``.
    """

    noisy = False

    def __init__(
        self,
        routes: Mapping[str, Handler],
        clock: TimerSource,
        *,
        limits: Limits | None = None,
        allowed: Iterable[str] = ("127.0.0.0/8", "::1"),
    ) -> None:
        """``allowed`` are addresses or networks; raises ValueError for anything else."""
        self.counters = Counters()
        self._routes = dict(routes)
        self._clock = clock
        self._limits = limits or Limits()
        self._allowed = [ipaddress.ip_network(network) for network in allowed]
        self._sessions: set[FastAGIProtocol] = set()
        self._draining: Deferred[None] | None = None

    @property
    def sessions(self) -> int:
        """Connections that are open now."""
        return len(self._sessions)

    def buildProtocol(self, addr: IAddress | None) -> FastAGIProtocol | None:
        """A session for this client; None, upon which Twisted closes the connection, if it may not have one."""
        if self._draining is not None:
            return None
        if not self._may(addr):
            self.counters.refused_address += 1
            log.warn("FastAGI connection from {peer} refused: address not allowed", peer=addr)
            return None
        if len(self._sessions) >= self._limits.sessions:
            self.counters.refused_full += 1
            log.warn("FastAGI connection refused: {sessions} sessions are open", sessions=len(self._sessions))
            return None
        self.counters.accepted += 1
        session = FastAGIProtocol(self._clock, self._started, self._ended, limits=self._limits, counters=self.counters)
        self._sessions.add(session)
        return session

    def drain(self, seconds: float) -> Deferred[None]:
        """Take no new session; fires when the open ones have ended. After ``seconds`` those that are left are closed.

        To be called once.
        """
        done = self._draining = Deferred[None]()
        deadline: IDelayedCall = self._clock.callLater(seconds, self._close_all)

        def stop_clock(_: None) -> None:
            if deadline.active():
                deadline.cancel()

        done.addCallback(stop_clock)
        self._drained()
        return done

    def _may(self, addr: object) -> bool:
        try:
            client = ipaddress.ip_address(getattr(addr, "host", ""))
        except ValueError:
            return False
        # A dual-stack listener sees IPv4 clients as ::ffff:a.b.c.d.
        client = getattr(client, "ipv4_mapped", None) or client
        return any(client in network for network in self._allowed)

    def _started(self, session: FastAGIProtocol) -> None:
        script = session.environment.script
        handler = self._routes.get(script)
        if handler is None:
            self.counters.unknown_route += 1
            log.warn("FastAGI route {script!r} is unknown", script=script[:80], channel=session.environment.channel)
            session.close("unknown route")
            return
        served = Deferred.fromCoroutine(_serve(handler, AGI(session)))
        served.addErrback(self._failed, session)
        served.addBoth(lambda _: session.close("handler finished"))

    def _failed(self, failure: Failure, session: FastAGIProtocol) -> None:
        environment = session.environment
        if isinstance(failure.value, ChannelHungUp | SessionClosed) and (session.hung_up or session.closed):
            log.info(
                "FastAGI route {script} ended early: {reason}",
                script=environment.script,
                reason=failure.value,
                channel=environment.channel,
            )
            return
        self.counters.failed_handlers += 1
        log.failure(
            "FastAGI route {script} failed", failure=failure, script=environment.script, channel=environment.channel
        )

    def _ended(self, session: FastAGIProtocol) -> None:
        self._sessions.discard(session)
        self._drained()

    def _drained(self) -> None:
        if self._draining is not None and not self._sessions and not self._draining.called:
            self._draining.callback(None)

    def _close_all(self) -> None:
        for session in list(self._sessions):
            session.close("the server stops")


async def _serve(handler: Handler, agi: AGI) -> None:
    await handler(agi)
