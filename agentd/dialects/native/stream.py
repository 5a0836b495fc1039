"""``GET /events``: what is, then everything that becomes true, as server-sent events.

A new reader gets an event ``snapshot`` first. One who comes again with the id of the last event that he has seen gets
what he has missed, once and in order, then what is new. One whose id is unknown, or too far back, is told so by an
event ``reset`` and gets a new snapshot.
"""

# mypy: allow-untyped-calls
# (Twisted's HTTP classes carry no annotations.)

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

from twisted.internet.defer import Deferred, ensureDeferred
from twisted.logger import Logger
from twisted.web.iweb import IRequest

from agentd.dialects.native.bodies import Nothing
from agentd.dialects.native.callers import Scope
from agentd.dialects.native.door import Ask, Demands, TokenOf, demanding
from agentd.dialects.native.queries import refuse
from agentd.dialects.native.replies import Refused, problem, send
from agentd.dialects.native.routing import Routes, Tools, route
from agentd.dialects.native.tap import Tap
from agentd.engine.bus import Bus, Place, Told
from agentd.engine.events import NAMES
from agentd.engine.operations import Operations
from agentd.http.kit import bearer_token, json_text, sure_address
from agentd.http.request import Request
from agentd.http.sse import EventStream, Streams, TooManyStreams, frame

__all__ = ["EventFeed", "EventRoutes"]

SKIPPED = 1000  # events that a filter may leave out before the reader is given a newer id

EVERYBODYS = frozenset({"pbx.link"})
"""The events that concern everybody."""

_DEMANDS = Demands(Scope.EVENTS, known=("agent", "types", "last_event_id"))

_GROUPS = frozenset(name.partition(".")[0] for name in NAMES)

_log = Logger(namespace="agentd.native")


@dataclass(frozen=True, slots=True)
class Filter:
    """Which events a reader wants: those of one agent (empty: all), and of some types or groups (none named: all).

    An event that concerns everybody is everybody's; one of no agent, such as a caller's in a line, is for those who
    read all.
    """

    agent: str
    types: frozenset[str]

    def lets(self, told: Told) -> bool:
        """Whether an event is wanted."""
        name = told.event.name
        if self.agent and told.event.agent != self.agent and name not in EVERYBODYS:
            return False
        return not self.types or name in self.types or name.partition(".")[0] in self.types


class EventFeed:
    """Opens streams."""

    def __init__(self, operations: Operations, bus: Bus, streams: Streams, token_of: TokenOf) -> None:
        self._operations = operations
        self._bus = bus
        self._streams = streams
        self._token_of = token_of

    def open(self, ask: Ask[Nothing]) -> Deferred[None] | bytes:
        """Begin a stream as the answer; fires when it has ended. A HEAD request gets the headers alone.

        Raises:
            Refused: 400 for a filter that makes no sense, 403 for another's agent, 503 when there are too many.
        """
        wanted = _filter_of(ask)
        seen = _last_event_id(ask)
        request = cast("Request", ask.request)
        if request.method == b"HEAD":
            request.setHeader(b"Content-Type", b"text/event-stream; charset=utf-8")
            return b""
        try:
            stream = self._streams.open(request, f"token {ask.caller.token.name}")
        except TooManyStreams as error:
            raise Refused(problem(503, "too_many_streams", str(error), {"Retry-After": "5"})) from None
        plain, address = bearer_token(request) or "", sure_address(request)

        def may_read() -> bool:
            return self._token_of(plain, self._operations.now, address) == ask.caller.token

        reader = _Reader(stream, self._bus, self._operations, wanted, may_read, Tap(request, stream))
        reader.begin(seen)
        return stream.when_closed()


class _Reader:
    """One reader: what he has missed, then what is new."""

    def __init__(
        self,
        stream: EventStream,
        bus: Bus,
        operations: Operations,
        wanted: Filter,
        may_read: Callable[[], bool],
        tap: Tap,
    ) -> None:
        self._stream = stream
        self._bus = bus
        self._operations = operations
        self._wanted = wanted
        self._may_read = may_read
        self._tap = tap
        self._skipped = 0

    def begin(self, seen: str) -> None:
        """Start after the event of that id; empty: with a snapshot."""
        if not seen:
            self._snapshot()
            self._follow()
            return
        since = self._bus.place_of(seen)
        if since is None:
            self._reset("unknown")
        else:
            ensureDeferred(self._catch_up(since)).addErrback(self._failed)

    async def _catch_up(self, since: Place) -> None:
        while not self._stream.closed:
            missed = await self._bus.missed(since)
            if missed is None:
                self._reset("too_old")
                return
            if not missed.events and missed.upto == self._bus.here:
                self._follow()
                return
            for told in missed.events:
                self._tell(told)
                if self._tap.full:
                    await self._tap.room()
            since = missed.upto

    def _failed(self, failure: Any) -> None:
        """The journal can't be read. The reader comes again, and may have better luck."""
        _log.failure("missed events could not be read", failure)
        self._stream.close()

    def _reset(self, reason: str) -> None:
        self._stream.send(frame(json_text({"reason": reason}), event="reset"))
        self._snapshot()
        self._follow()

    def _snapshot(self) -> None:
        agent = self._wanted.agent
        sessions = [session for session in self._operations.sessions() if agent in {"", session["agent"]}]
        picture = {
            "event": "snapshot",
            "at": self._operations.now,
            "pbx_link": self._operations.state.link_up,
            "sessions": sessions,
        }
        self._stream.send(frame(json_text(picture), event="snapshot", event_id=self._bus.here_id))

    def _follow(self) -> None:
        if not self._stream.closed:
            leave = self._bus.follow(self._tell, self._stream.close)
            self._stream.when_closed().addCallback(lambda _: leave())

    def _tell(self, told: Told) -> None:
        if self._stream.closed:
            return
        if not self._may_read():
            self._stream.close()
        elif self._wanted.lets(told):
            self._skipped = 0
            self._stream.send(_wire(told))
        else:
            self._skip(told)

    def _skip(self, told: Told) -> None:
        """Without an id now and then, a reader of rare events would come again with one that is too old."""
        self._skipped += 1
        if self._skipped >= SKIPPED:
            self._skipped = 0
            self._stream.send(f"id: {told.id}\n\n".encode())


class EventRoutes(Routes):
    """The stream as a route."""

    def __init__(self, tools: Tools) -> None:
        super().__init__(tools)
        self._feed = EventFeed(tools.operations, tools.bus, tools.streams, tools.token_of)

    @route("GET", "/events")
    @demanding(_DEMANDS)
    def events(self, request: IRequest) -> Deferred[None] | bytes:
        """The event stream."""
        try:
            return self._feed.open(self.door.ask(request, _DEMANDS, {}))
        except Refused as refused:
            return send(request, refused.answer)


@lru_cache(maxsize=256)
def _wire(told: Told) -> bytes:
    """An event as it is sent to every reader."""
    event = told.event
    data = {"event": event.name, "at": told.at, "agent": event.agent or None, **event.data}
    return frame(json_text(data), event=event.name, event_id=told.id)


def _filter_of(ask: Ask[Nothing]) -> Filter:
    agent, types = ask.query.text("agent"), ask.query.words("types")
    if agent:
        ask.caller.require_agent(agent)
    for name in sorted(types - NAMES - _GROUPS):
        refuse("types", f"There is no event {name[:40]}; there are: {', '.join(sorted(NAMES))}.")
    return Filter(agent or ask.caller.only_agent or "", types)


def _last_event_id(ask: Ask[Nothing]) -> str:
    """The header, which a browser keeps up to date, before the parameter."""
    header = ask.request.getHeader(b"Last-Event-ID")
    return header.decode("latin-1") if header else ask.query.text("last_event_id")
