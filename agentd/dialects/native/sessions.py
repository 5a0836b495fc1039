"""The routes of sessions, and of supervisors who listen to them."""

from __future__ import annotations

from collections.abc import Callable

from twisted.internet.defer import Deferred

from agentd.core.model import MonitorMode
from agentd.dialects.native.bodies import InGroupsBody, LoginBody, MonitorBody, Nothing, StateBody
from agentd.dialects.native.callers import Scope
from agentd.dialects.native.door import FACE, Ask, acts, looks
from agentd.dialects.native.etags import etag, is_known
from agentd.dialects.native.replies import Reply, reply
from agentd.dialects.native.routing import Routes, Tools, route
from agentd.dialects.native.words import where
from agentd.engine.webphones import webphone_url

__all__ = ["SessionRoutes"]


class SessionRoutes(Routes):
    """Who is logged in, and in which state."""

    def __init__(self, tools: Tools) -> None:
        super().__init__(tools)
        operations = tools.operations
        self._states: dict[str, Callable[[str, str], Deferred[None]]] = {
            "paused": operations.pause,
            "ready": lambda agent, _code: operations.resume(agent),
            "mission": lambda agent, _code: operations.mission(agent),
        }

    @route("GET", "/sessions")
    @looks(Scope.SESSIONS, "campaign", "state", "limit", "cursor")
    def sessions(self, ask: Ask[Nothing]) -> Reply:
        """All sessions, a page at a time."""
        return self._words.sessions(ask.caller, ask.query)

    @route("GET", "/sessions/<agent>")
    @looks(Scope.SESSIONS)
    def session(self, ask: Ask[Nothing]) -> Reply:
        """One session; 304 when the client has it already."""
        snapshot = self._operations.session(ask.agent)
        if is_known(ask.request, snapshot):
            return Reply(304, headers={"ETag": etag(snapshot)})
        return self._words.session(ask.agent)

    @route("POST", "/sessions")
    @acts(Scope.SESSIONS, LoginBody)
    def log_in(self, ask: Ask[LoginBody]) -> Deferred[Reply]:
        """Log an agent in; answered when his phone has answered, if one is to sit in his conference."""
        body = ask.body
        done = self._operations.log_in(ask.agent, body.phone, body.campaign, source=FACE, ready=body.ready)
        return done.addCallback(lambda _: self._words.session(ask.agent, 201, Location=where(ask.agent)))

    @route("DELETE", "/sessions/<agent>")
    @acts(Scope.SESSIONS, Nothing, "at_once")
    def log_out(self, ask: Ask[Nothing]) -> Deferred[Reply]:
        """Log an agent out, now (200) or after the call (202)."""
        done = self._operations.log_out(ask.agent, at_once=ask.query.flag("at_once"), source=FACE)
        return done.addCallback(lambda _: self._words.leaving(ask.agent))

    @route("PATCH", "/sessions/<agent>")
    @acts(Scope.SESSIONS, StateBody)
    def change_state(self, ask: Ask[StateBody]) -> Deferred[Reply]:
        """Pause an agent, make him ready, or send him on a mission; now or after the call."""
        done = self._states[ask.body.state](ask.agent, ask.body.code or "")
        return done.addCallback(lambda _: self._words.session(ask.agent))

    @route("PUT", "/sessions/<agent>/ingroups")
    @acts(Scope.SESSIONS, InGroupsBody)
    def change_ingroups(self, ask: Ask[InGroupsBody]) -> Deferred[Reply]:
        """Change which in-groups' calls an agent takes, and whether his campaign's."""
        if ask.body.set_as_default:
            ask.caller.require_more_than_agent("What an agent takes by default is not his to change.")
        by = self._operations.administration.by(ask.caller.name, FACE)
        done = self._operations.change_ingroups(ask.agent, **ask.body.wanted(), by=by)
        return done.addCallback(lambda _: self._words.session(ask.agent))

    @route("POST", "/sessions/<agent>/phone")
    @acts(Scope.SESSIONS, Nothing)
    def call_agent(self, ask: Ask[Nothing]) -> Deferred[Reply]:
        """Call the agent's phone again."""
        done = self._operations.call_agent(ask.agent)
        return done.addCallback(lambda _: self._words.session(ask.agent))

    @route("GET", "/sessions/<agent>/webphone")
    @looks(Scope.SESSIONS)
    def webphone(self, ask: Ask[Nothing]) -> Reply:
        """Where the web phone of the agent's phone is, if it has one."""
        session = self._operations.live_session(ask.agent)
        url = webphone_url(self._operations.state, session)
        return reply(200, {"phone": session.phone or None, "url": url or None})

    # --- supervisors -----------------------------------------------------------------------------------------

    @route("POST", "/sessions/<agent>/monitor")
    @acts(Scope.SUPERVISE, MonitorBody)
    def monitor(self, ask: Ask[MonitorBody]) -> Deferred[Reply]:
        """Ring a supervisor's phone (202), or change what he does (200)."""
        phone, mode = ask.body.phone, MonitorMode(ask.body.mode)
        done = self._operations.supervise(ask.agent, phone, mode, ask.caller.name)
        return done.addCallback(lambda _: self._words.monitor(ask.agent, phone))

    @route("DELETE", "/sessions/<agent>/monitor/<phone>")
    @acts(Scope.SUPERVISE, Nothing)
    def end_monitor(self, ask: Ask[Nothing]) -> Deferred[Reply]:
        """Let a supervisor's phone go."""
        done = self._operations.end_supervision(ask.agent, ask.where["phone"])
        return done.addCallback(lambda _: self._words.session(ask.agent))
