"""The routes of the native API: each decodes, calls an operation, and encodes."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from klein import Klein
from twisted.internet.defer import Deferred
from twisted.web.iweb import IRequest
from twisted.web.resource import IResource

from agentd.core.errors import AnotherCallConnected
from agentd.core.model import MonitorMode
from agentd.dialects.native.bodies import (
    CallBody,
    CampaignBody,
    ConnectBody,
    DispositionBody,
    DtmfBody,
    InGroupsBody,
    LoginBody,
    MonitorBody,
    MuteBody,
    Nothing,
    ParkBody,
    RecordingBody,
    StateBody,
    ThirdPartyBody,
)
from agentd.dialects.native.callers import Scope
from agentd.dialects.native.door import FACE, Ask, Door, Limits, TokenOf, acts, looks
from agentd.dialects.native.etags import etag, is_known
from agentd.dialects.native.lines import LINE_FILTERS, Lines
from agentd.dialects.native.problems import phrase
from agentd.dialects.native.recordings import FILTERS, RecordingLog
from agentd.dialects.native.replies import Refused, Reply, send
from agentd.dialects.native.stream import EventFeed
from agentd.dialects.native.transfers import TRANSFER, Transfer
from agentd.dialects.native.words import Words, where
from agentd.engine.bus import Bus
from agentd.engine.engine import Engine
from agentd.engine.operations import Operations
from agentd.http.kit import Files, install_errors
from agentd.http.metrics import VerbMetrics
from agentd.http.sse import Streams

__all__ = ["VERBS", "NativeApi"]

VERBS = (
    "sessions",
    "session",
    "log_in",
    "log_out",
    "change_state",
    "change_ingroups",
    "call_agent",
    "ingroups",
    "ingroup",
    "campaigns",
    "campaign",
    "change_campaign",
    "dial",
    "call",
    "hang_up",
    "dispose",
    "hold",
    "park",
    "retrieve",
    "call_third_party",
    "drop_third_party",
    "transfer",
    "connect",
    "send_dtmf",
    "start_recording",
    "running_recordings",
    "mute_recordings",
    "stop_recordings",
    "mute_recording",
    "stop_recording",
    "recordings",
    "recording",
    "recording_audio",
    "monitor",
    "end_monitor",
)
"""What the metrics count by, in the face :data:`agentd.dialects.native.door.FACE`."""

EVENT_FILTERS = ("agent", "types", "last_event_id")


class NativeApi:
    """Served at ``/api/v1``. ``token_of`` is ``Access.token``; ``recordings`` the folder that Asterisk records into."""

    app = Klein()

    def __init__(
        self,
        operations: Operations,
        engine: Engine,
        bus: Bus,
        streams: Streams,
        token_of: TokenOf,
        recordings: Files,
        limits: Limits | None = None,
        metrics: VerbMetrics | None = None,
    ) -> None:
        self._operations = operations
        self._words = Words(operations)
        self._lines = Lines(operations)
        self.door = Door(engine, self._words, token_of, limits or Limits(), metrics)
        self._states: dict[str, Callable[[str, str], Deferred[None]]] = {
            "paused": operations.pause,
            "ready": lambda agent, _code: operations.resume(agent),
            "mission": lambda agent, _code: operations.mission(agent),
        }
        self._log = RecordingLog(operations, recordings)
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
        """Log an agent in; answered when his phone has answered, if one is to sit in his conference."""
        body = ask.body
        done = self._operations.log_in(ask.agent, body.phone, body.campaign, source=FACE, ready=body.ready)
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

    @app.route("/sessions/<agent>/ingroups", methods=["PUT"])
    @acts(Scope.SESSIONS, InGroupsBody)
    def change_ingroups(self, ask: Ask[InGroupsBody]) -> Deferred[Reply]:
        """Change which in-groups' calls an agent takes, and whether his campaign's."""
        if ask.body.set_as_default:
            ask.caller.require_more_than_agent()
        done = self._operations.change_ingroups(ask.agent, **ask.body.wanted())
        return done.addCallback(lambda _: self._words.session(ask.agent))

    @app.route("/sessions/<agent>/phone", methods=["POST"])
    @acts(Scope.SESSIONS, Nothing)
    def call_agent(self, ask: Ask[Nothing]) -> Deferred[Reply]:
        """Call the agent's phone again."""
        done = self._operations.call_agent(ask.agent)
        return done.addCallback(lambda _: self._words.session(ask.agent))

    # --- in-groups and campaigns -----------------------------------------------------------------------------

    @app.route("/ingroups", methods=["GET"])
    @looks(Scope.SESSIONS)
    def ingroups(self, _ask: Ask[Nothing]) -> Reply:
        """All in-groups, with the figures of each."""
        return self._lines.ingroups()

    @app.route("/ingroups/<name>", methods=["GET"])
    @looks(Scope.CALLS, *LINE_FILTERS)
    def ingroup(self, ask: Ask[Nothing]) -> Reply:
        """One in-group, and who waits in its line."""
        return self._lines.ingroup(ask)

    @app.route("/campaigns", methods=["GET"])
    @looks(Scope.SESSIONS)
    def campaigns(self, _ask: Ask[Nothing]) -> Reply:
        """All campaigns, and how each dials."""
        return self._lines.campaigns()

    @app.route("/campaigns/<name>", methods=["GET"])
    @looks(Scope.SESSIONS)
    def campaign(self, ask: Ask[Nothing]) -> Reply:
        """One of them."""
        return self._lines.campaign(ask.where["name"])

    @app.route("/campaigns/<name>", methods=["PATCH"])
    @acts(Scope.SUPERVISE, CampaignBody)
    def change_campaign(self, ask: Ask[CampaignBody]) -> Deferred[Reply]:
        """Change how many calls a campaign dials for each free agent; answered when it does so."""
        name = self._lines.campaign_named(ask.where["name"]).name
        done = self._operations.set_dial_level(name, ask.body.auto_dial_level)
        return done.addCallback(lambda _: self._lines.campaign(name))

    # --- calls -----------------------------------------------------------------------------------------------

    @app.route("/sessions/<agent>/calls", methods=["POST"])
    @acts(Scope.CALLS, CallBody)
    def dial(self, ask: Ask[CallBody]) -> Deferred[Reply]:
        """Dial a number or a lead: now, also beside calls that are held (201), or after the call (202)."""
        dial = partial(self._operations.dial, ask.agent, source=FACE, **ask.body.wanted())
        done = dial(beside=True).addErrback(lambda failure: failure.trap(AnotherCallConnected) and dial())
        return done.addCallback(lambda dialled: self._words.dialled(ask.agent, dialled))

    @app.route("/sessions/<agent>/calls/<call>", methods=["GET"])
    @looks(Scope.CALLS)
    def call(self, ask: Ask[Nothing]) -> Reply:
        """One call of the session that is not complete yet."""
        return self._words.call(ask.agent, ask.call_id)

    @app.route("/sessions/<agent>/calls/<call>", methods=["DELETE"])
    @acts(Scope.CALLS, Nothing, texts=["status"])
    def hang_up(self, ask: Ask[Nothing]) -> Deferred[Reply]:
        """End the customer's leg; answered when it is gone."""
        done = self._operations.hang_up(ask.agent, ask.call_id, status=ask.query.text("status"))
        return done.addCallback(lambda _: self._words.session(ask.agent))

    @app.route("/sessions/<agent>/calls/<call>/disposition", methods=["PUT"])
    @acts(Scope.CALLS, DispositionBody)
    def dispose(self, ask: Ask[DispositionBody]) -> Deferred[Reply]:
        """Give the call its status; answered when that is on the disk."""
        done = self._operations.dispose(ask.agent, ask.body.status, ask.call_id)
        return done.addCallback(lambda _: self._words.session(ask.agent))

    # --- calls in hand ---------------------------------------------------------------------------------------

    @app.route("/sessions/<agent>/calls/<call>/hold", methods=["POST"])
    @acts(Scope.CALLS, Nothing)
    def hold(self, ask: Ask[Nothing]) -> Deferred[Reply]:
        """Let the customer hear music."""
        done = self._operations.hold(ask.agent, ask.call_id)
        return done.addCallback(lambda _: self._words.session(ask.agent))

    @app.route("/sessions/<agent>/calls/<call>/park", methods=["POST"])
    @acts(Scope.CALLS, ParkBody)
    def park(self, ask: Ask[ParkBody]) -> Deferred[Reply]:
        """Let the customer hear music, or the campaign's prompt."""
        done = self._operations.hold(ask.agent, ask.call_id, ivr=ask.body.where == "ivr")
        return done.addCallback(lambda _: self._words.session(ask.agent))

    @app.route("/sessions/<agent>/calls/<call>/retrieve", methods=["POST"])
    @acts(Scope.CALLS, Nothing)
    def retrieve(self, ask: Ask[Nothing]) -> Deferred[Reply]:
        """Bring the customer back."""
        done = self._operations.retrieve(ask.agent, ask.call_id)
        return done.addCallback(lambda _: self._words.session(ask.agent))

    @app.route("/sessions/<agent>/calls/<call>/third-party", methods=["POST"])
    @acts(Scope.CALLS, ThirdPartyBody)
    def call_third_party(self, ask: Ask[ThirdPartyBody]) -> Deferred[Reply]:
        """Call a third party, or another agent, into the conference; answered when Asterisk has the channel."""
        done = self._operations.dial_third(ask.agent, call_id=ask.call_id, **ask.body.wanted())
        return done.addCallback(lambda done: self._words.transferred(ask.agent, done, 201))

    @app.route("/sessions/<agent>/calls/<call>/third-party", methods=["DELETE"])
    @acts(Scope.CALLS, Nothing, "both")
    def drop_third_party(self, ask: Ask[Nothing]) -> Deferred[Reply]:
        """End the third party's leg, or both his and the customer's."""
        done = self._operations.hang_up_third(ask.agent, both=ask.query.flag("both"), call_id=ask.call_id)
        return done.addCallback(lambda done: self._words.transferred(ask.agent, done))

    @app.route("/sessions/<agent>/calls/<call>/transfer", methods=["POST"])
    @acts(Scope.CALLS, TRANSFER)
    def transfer(self, ask: Ask[Transfer]) -> Deferred[Reply]:
        """Let the customer go on without the agent."""
        done = ask.body.begin(self._operations, ask.agent, ask.call_id)
        return done.addCallback(lambda done: self._words.transferred(ask.agent, done))

    @app.route("/sessions/<agent>/calls/<call>/connect", methods=["POST"])
    @acts(Scope.CALLS, ConnectBody)
    def connect(self, ask: Ask[ConnectBody]) -> Deferred[Reply]:
        """Let the customers of two calls go on together without the agent."""
        done = self._operations.connect(ask.agent, self._words.call_id(ask.agent, ask.call_id), ask.body.other)
        return done.addCallback(lambda _: self._words.session(ask.agent))

    @app.route("/sessions/<agent>/calls/<call>/dtmf", methods=["POST"])
    @acts(Scope.CALLS, DtmfBody)
    def send_dtmf(self, ask: Ask[DtmfBody]) -> Deferred[Reply]:
        """Send digits to the customer; answered when they are in line (202)."""
        done = self._operations.send_digits(ask.agent, ask.body.digits, ask.call_id)
        return done.addCallback(lambda _: self._words.session(ask.agent, 202))

    # --- recordings ------------------------------------------------------------------------------------------

    @app.route("/sessions/<agent>/recordings", methods=["POST"])
    @acts(Scope.CALLS, RecordingBody)
    def start_recording(self, ask: Ask[RecordingBody]) -> Deferred[Reply]:
        """Begin a recording; answered when Asterisk records."""
        done = self._operations.start_recording(ask.agent, ask.body.stage, ask.body.call_id)
        return done.addCallback(lambda recording_id: self._words.recording(ask.agent, recording_id))

    @app.route("/sessions/<agent>/recordings", methods=["GET"])
    @looks(Scope.CALLS)
    def running_recordings(self, ask: Ask[Nothing]) -> Reply:
        """The recordings that are running."""
        return self._words.running(ask.agent)

    @app.route("/sessions/<agent>/recordings", methods=["PATCH"])
    @acts(Scope.CALLS, MuteBody)
    def mute_recordings(self, ask: Ask[MuteBody]) -> Deferred[Reply]:
        """Let all of them go on in silence, or with sound again."""
        done = self._operations.mute_recordings(ask.agent, muted=ask.body.muted)
        return done.addCallback(lambda ids: self._words.recordings(ask.agent, ids))

    @app.route("/sessions/<agent>/recordings", methods=["DELETE"])
    @acts(Scope.CALLS, Nothing)
    def stop_recordings(self, ask: Ask[Nothing]) -> Deferred[Reply]:
        """End all of them."""
        done = self._operations.stop_recordings(ask.agent)
        return done.addCallback(lambda ids: self._words.recordings(ask.agent, ids))

    @app.route("/sessions/<agent>/recordings/<recording>", methods=["PATCH"])
    @acts(Scope.CALLS, MuteBody)
    def mute_recording(self, ask: Ask[MuteBody]) -> Deferred[Reply]:
        """Let one of them go on in silence, or with sound again."""
        done = self._operations.mute_recordings(ask.agent, muted=ask.body.muted, recording_id=ask.recording_id)
        return done.addCallback(lambda ids: self._words.recordings(ask.agent, ids))

    @app.route("/sessions/<agent>/recordings/<recording>", methods=["DELETE"])
    @acts(Scope.CALLS, Nothing)
    def stop_recording(self, ask: Ask[Nothing]) -> Deferred[Reply]:
        """End one of them."""
        done = self._operations.stop_recordings(ask.agent, recording_id=ask.recording_id)
        return done.addCallback(lambda ids: self._words.recordings(ask.agent, ids))

    @app.route("/recordings", methods=["GET"])
    @looks(Scope.RECORDINGS, *FILTERS)
    def recordings(self, ask: Ask[Nothing]) -> Deferred[Reply]:
        """The recording log, a page at a time."""
        return self._log.page(ask)

    @app.route("/recordings/<recording>", methods=["GET"])
    @looks(Scope.RECORDINGS)
    def recording(self, ask: Ask[Nothing]) -> Deferred[Reply]:
        """One row of it."""
        return self._log.one(ask)

    @app.route("/recordings/<recording>/audio", methods=["GET"])
    @looks(Scope.RECORDINGS)
    def recording_audio(self, ask: Ask[Nothing]) -> Deferred[Reply]:
        """The sound, or the part of it that Range asks for."""
        return self._log.audio(ask)

    # --- supervisors -----------------------------------------------------------------------------------------

    @app.route("/sessions/<agent>/monitor", methods=["POST"])
    @acts(Scope.SUPERVISE, MonitorBody)
    def monitor(self, ask: Ask[MonitorBody]) -> Deferred[Reply]:
        """Ring a supervisor's phone (202), or change what he does (200)."""
        phone, mode = ask.body.phone, MonitorMode(ask.body.mode)
        done = self._operations.supervise(ask.agent, phone, mode, ask.caller.name)
        return done.addCallback(lambda _: self._words.monitor(ask.agent, phone))

    @app.route("/sessions/<agent>/monitor/<phone>", methods=["DELETE"])
    @acts(Scope.SUPERVISE, Nothing)
    def end_monitor(self, ask: Ask[Nothing]) -> Deferred[Reply]:
        """Let a supervisor's phone go."""
        done = self._operations.end_supervision(ask.agent, ask.where["phone"])
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
