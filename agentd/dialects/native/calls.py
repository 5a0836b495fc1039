"""The routes of calls from the dial to the disposition."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from twisted.internet.defer import Deferred

from agentd.core.errors import AnotherCallConnected
from agentd.dialects.native.bodies import Nothing
from agentd.dialects.native.callers import Scope
from agentd.dialects.native.dials import CallBody, DispositionBody, PreviewBody, TimerBody
from agentd.dialects.native.door import FACE, Ask, acts, looks
from agentd.dialects.native.replies import Reply
from agentd.dialects.native.routing import Routes, route

__all__ = ["CallRoutes"]


class CallRoutes(Routes):
    """Looking, dialling, hanging up, disposing."""

    @route("POST", "/sessions/<agent>/calls")
    @acts(Scope.CALLS, CallBody)
    def dial(self, ask: Ask[CallBody]) -> Deferred[Reply]:
        """Dial: now, also beside calls that are held (201); or later, or when the agent has seen the lead (202)."""
        wish, dial = ask.body.wish(FACE), partial(self._operations.dial, ask.agent)
        done = dial(replace(wish, beside=not wish.preview))
        done.addErrback(lambda failure: failure.trap(AnotherCallConnected) and dial(wish))
        return done.addCallback(lambda dialled: self._words.dialled(ask.agent, dialled))

    @route("POST", "/sessions/<agent>/preview")
    @acts(Scope.CALLS, PreviewBody)
    def act_on_preview(self, ask: Ask[PreviewBody]) -> Deferred[Reply]:
        """Dial the lead that the agent has before him (201), or put him away (200)."""
        done = self._operations.act_on_preview(ask.agent, ask.body.wanted())
        return done.addCallback(lambda dialled: self._words.acted(ask.agent, dialled))

    @route("GET", "/sessions/<agent>/calls/<call>")
    @looks(Scope.CALLS)
    def call(self, ask: Ask[Nothing]) -> Reply:
        """One call of the session that is not complete yet."""
        return self._words.call(ask.agent, ask.call_id)

    @route("DELETE", "/sessions/<agent>/calls/<call>")
    @acts(Scope.CALLS, Nothing, texts=["status"])
    def hang_up(self, ask: Ask[Nothing]) -> Deferred[Reply]:
        """End the customer's leg; answered when it is gone."""
        done = self._operations.hang_up(ask.agent, ask.call_id, status=ask.query.text("status"))
        return done.addCallback(lambda _: self._words.session(ask.agent))

    @route("PUT", "/sessions/<agent>/calls/<call>/disposition")
    @acts(Scope.CALLS, DispositionBody)
    def dispose(self, ask: Ask[DispositionBody]) -> Deferred[Reply]:
        """Give the call its status; answered when that is on the disk."""
        body = ask.body
        done = self._operations.dispose(ask.agent, body.status, ask.call_id, callback=body.wish(), code=body.code)
        return done.addCallback(lambda _: self._words.session(ask.agent))

    # --- beside the call -------------------------------------------------------------------------------------

    @route("PUT", "/sessions/<agent>/timer")
    @acts(Scope.CALLS, TimerBody)
    def set_timer(self, ask: Ask[TimerBody]) -> Deferred[Reply]:
        """Have something happen at a second of the call, this one or the next."""
        done = self._operations.set_timer(ask.agent, ask.body.wanted())
        return done.addCallback(lambda _: self._words.session(ask.agent))

    @route("DELETE", "/sessions/<agent>/timer")
    @acts(Scope.CALLS, Nothing)
    def clear_timer(self, ask: Ask[Nothing]) -> Deferred[Reply]:
        """Have nothing happen."""
        done = self._operations.set_timer(ask.agent, None)
        return done.addCallback(lambda _: self._words.session(ask.agent))
