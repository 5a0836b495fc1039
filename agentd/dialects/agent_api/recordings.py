"""The function ``recording``: start, stop, and what is running."""

from __future__ import annotations

from agentd.core.calls.recording import recordings_of
from agentd.core.errors import NotRecording, RecordingForced
from agentd.core.model import Recording, Session, SessionState
from agentd.dialects.agent_api.answers import Line, Refused, alone, error, notice, success
from agentd.dialects.agent_api.asked import Asked
from agentd.dialects.agent_api.here import Here
from agentd.dialects.agent_api.words import Word
from agentd.engine.clock import local_time

__all__ = ["STATE_WORDS", "recording", "stage_is_usable", "state_word"]

STATE_WORDS: dict[SessionState, str] = {
    SessionState.PAUSED: "PAUSED",
    SessionState.READY: "READY",
    SessionState.RINGING: "QUEUE",
    SessionState.PREVIEW: "PAUSED",
    SessionState.DIALLING: "MQUEUE",
    SessionState.INCALL: "INCALL",
    SessionState.WRAPUP: "PAUSED",
}
"""What the agent API calls an agent's states: the original has no wrap-up of its own."""

_INBOUND_ONLY = "CLOSER"  # who is ready for calls of in-groups, and not for his campaign's

_STAGE_LENGTH = 14
_STAGE = Word("[-_0-9A-Za-z]*")


def state_word(session: Session) -> str:
    """What the agent API calls the state in which an agent is."""
    if session.state is SessionState.READY and not session.blended:
        return _INBOUND_ONLY
    return STATE_WORDS[session.state]


def stage_is_usable(asked: Asked) -> bool:
    """Whether what shall end a new file's name may stand in one. Only START reads it."""
    return asked.value != "START" or _STAGE.allows(_stage(asked))


async def recording(asked: Asked, here: Here) -> Line:
    """Begin one more recording, end all of them, or tell of the newest one."""
    session = here.operations.live_session(asked.agent)
    if asked.value == "STATUS":
        return _status(asked, here, session)
    place = _place(here, session)
    if asked.value == "STOP":
        await _stop(asked, here, place)
        return success("recording function sent", asked.agent, asked.value, "", "", "", *place)
    await here.operations.start_recording(asked.agent, _stage(asked))
    value = asked.value + _stage(asked)
    return success("recording function sent", asked.agent, value, "", "", "", *place, value=value)


def _stage(asked: Asked) -> str:
    return asked.get("stage")[:_STAGE_LENGTH]


def _place(here: Here, session: Session) -> tuple[str, str, str]:
    """Server, conference and state: every line ends with them."""
    return here.settings.pbx_address, session.conference, state_word(session)


async def _stop(asked: Asked, here: Here, place: tuple[str, str, str]) -> None:
    try:
        await here.operations.stop_recordings(asked.agent)
    except (NotRecording, RecordingForced):
        raise Refused(alone(error("stop recording error", asked.agent, "", "", "", "", *place))) from None


def _status(asked: Asked, here: Here, session: Session) -> Line:
    place = _place(here, session)
    newest = _newest(here, session)
    if newest is None or newest.started is None:
        return notice("not recording", asked.agent, "", "", "", "", *place)
    started = local_time(newest.started).strftime("%Y-%m-%d %H:%M:%S")
    return notice(
        "recording active", asked.agent, str(newest.id), newest.name, here.settings.pbx_address, started, *place
    )


def _newest(here: Here, session: Session) -> Recording | None:
    running = [each for each in recordings_of(here.operations.state, session) if each.started is not None]
    return max(running, key=lambda each: each.id, default=None)
