"""The routes of the native API: each decodes, calls an operation, and encodes."""

from __future__ import annotations

from collections.abc import Callable

from klein import Klein
from twisted.internet.defer import Deferred
from twisted.web.iweb import IRequest
from twisted.web.resource import IResource

from agentd.dialects.native.bodies import CallBody, DispositionBody, LoginBody, Nothing, StateBody
from agentd.dialects.native.callers import Scope
from agentd.dialects.native.door import FACE, Ask, Door, Limits, TokenOf, acts, looks
from agentd.dialects.native.etags import etag, is_known
from agentd.dialects.native.problems import phrase
from agentd.dialects.native.replies import Refused, Reply, send
from agentd.dialects.native.stream import EventFeed
from agentd.dialects.native.words import Words, where
from agentd.engine.bus import Bus
from agentd.engine.engine import Engine
from agentd.engine.operations import Operations
from agentd.http.kit import install_errors
from agentd.http.metrics import VerbMetrics
from agentd.http.sse import Streams

__all__ = ["VERBS", "NativeApi"]

VERBS = (
    "sessions",
    "session",
    "log_in",
    "log_out",
    "change_state",
    "call_agent",
    "dial",
    "call",
    "hang_up",
    "dispose",
)
"""What the metrics count by, in the face :data:`agentd.dialects.native.door.FACE`."""

EVENT_FILTERS = ("agent", "types", "last_event_id")


class NativeApi:
    """Served at ``/api/v1``. ``token_of`` is ``Access.token``."""

    app = Klein()

    def __init__(
        self,
        operations: Operations,
        engine: Engine,
        bus: Bus,
        streams: Streams,
        token_of: TokenOf,
        limits: Limits | None = None,
        metrics: VerbMetrics | None = None,
    ) -> None:
        self._operations = operations
        self._words = Words(operations)
        self.door = Door(engine, self._words, token_of, limits or Limits(), metrics)
        self._states: dict[str, Callable[[str, str], Deferred[None]]] = {
            "paused": operations.pause,
            "ready": lambda agent, _code: operations.resume(agent),
            "mission": lambda agent, _code: operations.mission(agent),
        }
        self._feed = EventFeed(operations, bus, streams, token_of)

    def resource(self) -> IResource:
        """What is to be mounted at ``/api/v1``."""
        resource: IResource = self.app.resource()
        return resource

    # --- sessions --------------------------------------------------------------------------------------------

    @app.route("/sessions", methods=["GET"])
    @looks(Scope.SESSIONS, "campaign", "state", "limit", "cursor")
    def sessions(self, ask: Ask[Nothing]) -> Reply:
        """All sessions, a page at a time."""
        return self._words.sessions(ask.caller, ask.query)

    @app.route("/sessions/<agent>", methods=["GET"])
    @looks(Scope.SESSIONS)
    def session(self, ask: Ask[Nothing]) -> Reply:
        """One session; 304 when the client has it already."""
        snapshot = self._operations.session(ask.agent)
        if is_known(ask.request, snapshot):
            return Reply(304, headers={"ETag": etag(snapshot)})
        return self._words.session(ask.agent)

    @app.route("/sessions", methods=["POST"])
    @acts(Scope.SESSIONS, LoginBody)
    def log_in(self, ask: Ask[LoginBody]) -> Deferred[Reply]:
        """Log an agent in; answered when his phone has answered."""
        done = self._operations.log_in(ask.agent, ask.body.phone, ask.body.campaign, source=FACE)
        return done.addCallback(lambda _: self._words.session(ask.agent, 201, Location=where(ask.agent)))

    @app.route("/sessions/<agent>", methods=["DELETE"])
    @acts(Scope.SESSIONS, Nothing, "at_once")
    def log_out(self, ask: Ask[Nothing]) -> Deferred[Reply]:
        """Log an agent out, now (200) or after the call (202)."""
        done = self._operations.log_out(ask.agent, at_once=ask.query.flag("at_once"), source=FACE)
        return done.addCallback(lambda _: self._words.leaving(ask.agent))

    @app.route("/sessions/<agent>", methods=["PATCH"])
    @acts(Scope.SESSIONS, StateBody)
    def change_state(self, ask: Ask[StateBody]) -> Deferred[Reply]:
        """Pause an agent, make him ready, or send him on a mission; now or after the call."""
        done = self._states[ask.body.state](ask.agent, ask.body.code or "")
        return done.addCallback(lambda _: self._words.session(ask.agent))

    @app.route("/sessions/<agent>/phone", methods=["POST"])
    @acts(Scope.SESSIONS, Nothing)
    def call_agent(self, ask: Ask[Nothing]) -> Deferred[Reply]:
        """Call the agent's phone again."""
        done = self._operations.call_agent(ask.agent)
        return done.addCallback(lambda _: self._words.session(ask.agent))

    # --- calls -----------------------------------------------------------------------------------------------

    @app.route("/sessions/<agent>/calls", methods=["POST"])
    @acts(Scope.CALLS, CallBody)
    def dial(self, ask: Ask[CallBody]) -> Deferred[Reply]:
        """Dial a number or a lead, now (201) or after the call (202)."""
        done = self._operations.dial(ask.agent, source=FACE, **ask.body.wanted())
        return done.addCallback(lambda dialled: self._words.dialled(ask.agent, dialled))

    @app.route("/sessions/<agent>/calls/<call>", methods=["GET"])
    @looks(Scope.CALLS)
    def call(self, ask: Ask[Nothing]) -> Reply:
        """One call of the session that is not complete yet."""
        return self._words.call(ask.agent, ask.call_id)

    @app.route("/sessions/<agent>/calls/<call>", methods=["DELETE"])
    @acts(Scope.CALLS, Nothing)
    def hang_up(self, ask: Ask[Nothing]) -> Deferred[Reply]:
        """End the customer's leg; answered when it is gone."""
        done = self._operations.hang_up(ask.agent, ask.call_id)
        return done.addCallback(lambda _: self._words.session(ask.agent))

    @app.route("/sessions/<agent>/calls/<call>/disposition", methods=["PUT"])
    @acts(Scope.CALLS, DispositionBody)
    def dispose(self, ask: Ask[DispositionBody]) -> Deferred[Reply]:
        """Give the call its status; answered when that is on the disk."""
        done = self._operations.dispose(ask.agent, ask.body.status, ask.call_id)
        return done.addCallback(lambda _: self._words.session(ask.agent))

    # --- events ----------------------------------------------------------------------------------------------

    @app.route("/events", methods=["GET"])
    def events(self, request: IRequest) -> Deferred[None] | bytes:
        """The event stream."""
        try:
            return self._feed.open(self.door.ask(request, Scope.EVENTS, Nothing, EVENT_FILTERS, {}))
        except Refused as refused:
            return send(request, refused.answer)


install_errors(NativeApi.app, phrase)
