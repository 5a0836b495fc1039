"""Recordings of legs, made by MixMonitor. What is said of it here was seen on Asterisk 22.10.1.

Asterisk knows a recording by an id of its own, the MixMonitorID, which it gives out only if it is asked to write it
into a variable of the channel. There it is read when the recording is to be silenced or ended, so that nothing is lost
with the daemon.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from twisted.internet.defer import Deferred
from twisted.logger import Logger
from twisted.python.failure import Failure

from agentd.ami import actions as a
from agentd.ami.client import AMIClient
from agentd.ami.errors import ActionFailed, ActionTimeout, AMIError, LinkLost, SwitchBusy
from agentd.core import commands as c
from agentd.core.effects import MuteRecording, StartRecording, StopRecording

__all__ = ["Recordings"]

# Asterisk's words for a recording that has ended before it was asked to: with its channel, or by somebody else.
_OVER = ("No such channel", "Could not stop monitoring channel")


class Recordings:
    """Carries out the effects about recordings, and feeds what Asterisk says back as commands.

    ``folder`` is an absolute path, the same for Asterisk and for us.
    """

    log = Logger()

    def __init__(self, client: AMIClient, feed: Callable[[c.Command], object], folder: Path) -> None:
        self._client = client
        self._feed = feed
        self._folder = folder

    def start(self, effect: StartRecording) -> None:
        """Record what the leg hears and says. No command is ever given, which Asterisk would run afterwards."""
        self._ask(effect.recording_id, self._start(effect))

    def stop(self, effect: StopRecording) -> None:
        """End the recording; one that runs no more is over, too."""
        self._ask(effect.recording_id, self._stop(effect))

    def mute(self, effect: MuteRecording) -> None:
        """Let the recording go on in silence, or with sound again."""
        self._ask(effect.recording_id, self._mute(effect))

    async def _start(self, effect: StartRecording) -> c.Command:
        # a: should a file of that name be there in spite of all, it is continued (and whole); else it would be replaced
        options = f"ai({_variable(effect.recording_id)})"
        await self._client.send(a.MixMonitor(effect.leg, str(self._folder / effect.file), options))
        return c.RecordingBegun(effect.recording_id)

    async def _stop(self, effect: StopRecording) -> c.Command:
        try:
            mix_monitor_id = await self._id_of(effect.leg, effect.recording_id)
            if mix_monitor_id:  # without one all recordings of the channel would be ended
                await self._client.send(a.StopMixMonitor(effect.leg, mix_monitor_id))
                # Asterisk gives an id again, so that the next stop of this one could end another.
                await self._client.send(a.Setvar(_variable(effect.recording_id), "", effect.leg))
        except ActionFailed as error:
            if not error.message.startswith(_OVER):
                raise
        return c.RecordingOver(effect.recording_id)

    async def _mute(self, effect: MuteRecording) -> c.Command:
        mix_monitor_id = await self._id_of(effect.leg, effect.recording_id)
        if not mix_monitor_id:  # without one all recordings of the channel would be silenced
            return c.RecordingRefused(effect.recording_id, "it is not running")
        await self._client.send(a.MixMonitorMute(effect.leg, "both", int(effect.muted), mix_monitor_id))
        return c.RecordingSilenced(effect.recording_id, effect.muted)

    async def _id_of(self, leg: str, recording_id: int) -> str:
        """Asterisk's own id of a recording; empty when the channel has never had it."""
        answer = await self._client.send(a.Getvar(_variable(recording_id), leg))
        return answer["Value"]

    def _ask(self, recording_id: int, asking: Coroutine[Deferred[Any], Any, c.Command]) -> None:
        def failed(failure: Failure) -> None:
            if not isinstance(failure.value, AMIError):
                self.log.failure("recording {id} failed", failure, id=recording_id)
                return
            self.log.info("recording {id}: {why}", id=recording_id, why=str(failure.value))
            if not (isinstance(failure.value, ActionTimeout | LinkLost) and failure.value.sent):
                self._feed(c.RecordingRefused(recording_id, _reason(failure.value)))

        Deferred.fromCoroutine(asking).addCallback(self._feed).addErrback(failed)


def _variable(recording_id: int) -> str:
    """The channel's variable that holds Asterisk's own id of the recording."""
    return f"AGENTD_MIX_{recording_id}"


def _reason(error: AMIError) -> str:
    """Asterisk's own words where it spoke; else ours."""
    if isinstance(error, ActionFailed):
        return error.message.rstrip(".")
    return "PBX busy" if isinstance(error, SwitchBusy) else "not sent"
