"""The routes of a call that an agent has in hand."""

from __future__ import annotations

from twisted.internet.defer import Deferred

from agentd.dialects.native.bodies import ConnectBody, DtmfBody, Nothing, ParkBody, ThirdPartyBody
from agentd.dialects.native.callers import Scope
from agentd.dialects.native.door import Ask, acts
from agentd.dialects.native.replies import Reply
from agentd.dialects.native.routing import Routes, route
from agentd.dialects.native.transfers import TRANSFER, Transfer

__all__ = ["HandRoutes"]


class HandRoutes(Routes):
    """What is done with a customer who is there."""

    @route("POST", "/sessions/<agent>/calls/<call>/hold")
    @acts(Scope.CALLS, Nothing)
    def hold(self, ask: Ask[Nothing]) -> Deferred[Reply]:
        """Let the customer hear music."""
        done = self._operations.hold(ask.agent, ask.call_id)
        return done.addCallback(lambda _: self._words.session(ask.agent))

    @route("POST", "/sessions/<agent>/calls/<call>/park")
    @acts(Scope.CALLS, ParkBody)
    def park(self, ask: Ask[ParkBody]) -> Deferred[Reply]:
        """Let the customer hear music, or the campaign's prompt."""
        done = self._operations.hold(ask.agent, ask.call_id, ivr=ask.body.where == "ivr")
        return done.addCallback(lambda _: self._words.session(ask.agent))

    @route("POST", "/sessions/<agent>/calls/<call>/retrieve")
    @acts(Scope.CALLS, Nothing)
    def retrieve(self, ask: Ask[Nothing]) -> Deferred[Reply]:
        """Bring the customer back."""
        done = self._operations.retrieve(ask.agent, ask.call_id)
        return done.addCallback(lambda _: self._words.session(ask.agent))

    @route("POST", "/sessions/<agent>/calls/<call>/third-party")
    @acts(Scope.CALLS, ThirdPartyBody)
    def call_third_party(self, ask: Ask[ThirdPartyBody]) -> Deferred[Reply]:
        """Call a third party, or another agent, into the conference; answered when Asterisk has the channel."""
        done = self._operations.dial_third(ask.agent, call_id=ask.call_id, **ask.body.wanted())
        return done.addCallback(lambda done: self._words.transferred(ask.agent, done, 201))

    @route("DELETE", "/sessions/<agent>/calls/<call>/third-party")
    @acts(Scope.CALLS, Nothing, "both")
    def drop_third_party(self, ask: Ask[Nothing]) -> Deferred[Reply]:
        """End the third party's leg, or both his and the customer's."""
        done = self._operations.hang_up_third(ask.agent, both=ask.query.flag("both"), call_id=ask.call_id)
        return done.addCallback(lambda done: self._words.transferred(ask.agent, done))

    @route("POST", "/sessions/<agent>/calls/<call>/transfer")
    @acts(Scope.CALLS, TRANSFER)
    def transfer(self, ask: Ask[Transfer]) -> Deferred[Reply]:
        """Let the customer go on without the agent."""
        done = ask.body.begin(self._operations, ask.agent, ask.call_id)
        return done.addCallback(lambda done: self._words.transferred(ask.agent, done))

    @route("POST", "/sessions/<agent>/calls/<call>/connect")
    @acts(Scope.CALLS, ConnectBody)
    def connect(self, ask: Ask[ConnectBody]) -> Deferred[Reply]:
        """Let the customers of two calls go on together without the agent."""
        done = self._operations.connect(ask.agent, self._words.call_id(ask.agent, ask.call_id), ask.body.other)
        return done.addCallback(lambda _: self._words.session(ask.agent))

    @route("POST", "/sessions/<agent>/calls/<call>/dtmf")
    @acts(Scope.CALLS, DtmfBody)
    def send_dtmf(self, ask: Ask[DtmfBody]) -> Deferred[Reply]:
        """Send digits to the customer; answered when they are in line (202)."""
        done = self._operations.send_digits(ask.agent, ask.body.digits, ask.call_id)
        return done.addCallback(lambda _: self._words.session(ask.agent, 202))
