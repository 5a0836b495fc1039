"""The routes of recordings: those that run, and the log of all."""

from __future__ import annotations

from twisted.internet.defer import Deferred

from agentd.dialects.native.bodies import MuteBody, Nothing, RecordingBody
from agentd.dialects.native.callers import Scope
from agentd.dialects.native.door import Ask, acts, looks
from agentd.dialects.native.recordings import FILTERS, RecordingLog
from agentd.dialects.native.replies import Reply
from agentd.dialects.native.routing import Routes, Tools, route

__all__ = ["TapingRoutes"]


class TapingRoutes(Routes):
    """Recording, and what was recorded."""

    def __init__(self, tools: Tools) -> None:
        super().__init__(tools)
        self._log = RecordingLog(tools.operations, tools.recordings)

    @route("POST", "/sessions/<agent>/recordings")
    @acts(Scope.CALLS, RecordingBody)
    def start_recording(self, ask: Ask[RecordingBody]) -> Deferred[Reply]:
        """Begin a recording; answered when Asterisk records."""
        done = self._operations.start_recording(ask.agent, ask.body.stage, ask.body.call_id)
        return done.addCallback(lambda recording_id: self._words.recording(ask.agent, recording_id))

    @route("GET", "/sessions/<agent>/recordings")
    @looks(Scope.CALLS)
    def running_recordings(self, ask: Ask[Nothing]) -> Reply:
        """The recordings that are running."""
        return self._words.running(ask.agent)

    @route("PATCH", "/sessions/<agent>/recordings")
    @acts(Scope.CALLS, MuteBody)
    def mute_recordings(self, ask: Ask[MuteBody]) -> Deferred[Reply]:
        """Let all of them go on in silence, or with sound again."""
        done = self._operations.mute_recordings(ask.agent, muted=ask.body.muted)
        return done.addCallback(lambda ids: self._words.recordings(ask.agent, ids))

    @route("DELETE", "/sessions/<agent>/recordings")
    @acts(Scope.CALLS, Nothing)
    def stop_recordings(self, ask: Ask[Nothing]) -> Deferred[Reply]:
        """End all of them."""
        done = self._operations.stop_recordings(ask.agent)
        return done.addCallback(lambda ids: self._words.recordings(ask.agent, ids))

    @route("PATCH", "/sessions/<agent>/recordings/<recording>")
    @acts(Scope.CALLS, MuteBody)
    def mute_recording(self, ask: Ask[MuteBody]) -> Deferred[Reply]:
        """Let one of them go on in silence, or with sound again."""
        done = self._operations.mute_recordings(ask.agent, muted=ask.body.muted, recording_id=ask.recording_id)
        return done.addCallback(lambda ids: self._words.recordings(ask.agent, ids))

    @route("DELETE", "/sessions/<agent>/recordings/<recording>")
    @acts(Scope.CALLS, Nothing)
    def stop_recording(self, ask: Ask[Nothing]) -> Deferred[Reply]:
        """End one of them."""
        done = self._operations.stop_recordings(ask.agent, recording_id=ask.recording_id)
        return done.addCallback(lambda ids: self._words.recordings(ask.agent, ids))

    @route("GET", "/recordings")
    @looks(Scope.RECORDINGS, *FILTERS)
    def recordings(self, ask: Ask[Nothing]) -> Deferred[Reply]:
        """The recording log, a page at a time."""
        return self._log.page(ask)

    @route("GET", "/recordings/<recording>")
    @looks(Scope.RECORDINGS)
    def recording(self, ask: Ask[Nothing]) -> Deferred[Reply]:
        """One row of it."""
        return self._log.one(ask)

    @route("GET", "/recordings/<recording>/audio")
    @looks(Scope.RECORDINGS)
    def recording_audio(self, ask: Ask[Nothing]) -> Deferred[Reply]:
        """The sound, or the part of it that Range asks for."""
        return self._log.audio(ask)
