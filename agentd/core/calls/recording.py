"""Recordings: begun, silenced and ended by agents, by the campaign's rule, or with the leg that they follow.

An operation that waits for a recording waits for it under the name that :func:`_name` gives, as others do for a leg.
"""

from __future__ import annotations

import re
from datetime import datetime

from agentd.core import records as r
from agentd.core.calls.finding import named_call
from agentd.core.commands import (
    BeginRecording,
    MuteRecordings,
    RecordingBegun,
    RecordingFileGone,
    RecordingOver,
    RecordingRefused,
    RecordingSilenced,
    StopRecordings,
)
from agentd.core.effects import MuteRecording, StartRecording, StopRecording
from agentd.core.errors import (
    AgentdError,
    CallGone,
    IdsUsedUp,
    NotRecording,
    PbxRefused,
    PbxTimeout,
    RecordingForced,
    RecordingOff,
    StageInvalid,
)
from agentd.core.evolving.table import deadline_key
from agentd.core.ids import next_id
from agentd.core.model import Call, CallState, Leg, Recording, RecordingRule, Session, State
from agentd.core.sessions.states import require_phone, require_seat
from agentd.core.turn import Milestone, Turn

__all__ = [
    "begin",
    "begun",
    "call_answered",
    "file_gone",
    "leg_ended",
    "mute",
    "over",
    "recordings_of",
    "refused",
    "silenced",
    "stop",
    "unconfirmed",
]

_STAGE = re.compile(r"[A-Za-z0-9_-]{0,14}")
_ON_THE_LINE = frozenset({CallState.CONNECTED, CallState.HELD, CallState.IVR})  # states with an answered customer


def recordings_of(state: State, session: Session) -> list[Recording]:
    """Give the recordings that are the agent's now, the oldest first: of his phone and of whoever is in his calls.

    One that another agent began on a customer who is this agent's by now is among them.
    """
    return [recording for recording in state.recordings.values() if _is_of(state, recording, session)]


def _is_of(state: State, recording: Recording, session: Session) -> bool:
    leg = state.legs.get(recording.leg)
    return leg is not None and leg.agent == session.agent and leg.session_id == session.id


def _owner(turn: Turn, recording: Recording) -> str:
    """The agent whose recording it is now; if nobody's, who began it."""
    leg = turn.state.legs.get(recording.leg)
    return (leg.agent if leg is not None else "") or recording.agent


def _name(recording_id: int) -> str:
    return f"recording:{recording_id}"


# --- begin ---------------------------------------------------------------------------------------------------


def begin(turn: Turn, command: BeginRecording) -> int:
    """Begin one more recording, on the customer's leg if he is there, else on the agent's phone; gives its id."""
    session = turn.session(command.agent)
    if turn.campaign(session).recording is RecordingRule.NEVER:
        raise RecordingOff(f"campaign {session.campaign} records nothing")
    if not _STAGE.fullmatch(command.stage):
        raise StageInvalid("stage has at most 14 letters, digits, _ or -")
    require_seat(session)
    turn.require_link()
    call = named_call(turn.state, session, command.call_id)
    leg = _leg_to_follow(turn, session, call)
    recording_id = next_id(turn.state, "recording")
    _ask(turn, session, call, leg, recording_id, stage=command.stage)
    turn.wait(_name(recording_id), Milestone.RECORDED, recording_id)
    return recording_id


def _leg_to_follow(turn: Turn, session: Session, call: Call | None) -> str:
    if call is not None and call.state in _ON_THE_LINE and call.leg in turn.state.legs:
        return call.leg
    require_phone(session)
    return session.leg


def _ask(
    turn: Turn,
    session: Session,
    call: Call | None,
    leg: str,
    recording_id: int,
    *,
    stage: str = "",
    by: str = "agent",
) -> None:
    number = re.sub("[^0-9]", "", call.number) if call is not None else ""
    moment = _free_moment(turn, session.agent)
    name = f"{datetime.fromtimestamp(moment):%Y%m%d-%H%M%S}_{number}_{session.agent}_{stage}"
    file = f"{name}.{turn.campaign(session).recording_format}"
    turn.record(
        r.RecordingAsked(
            recording_id=recording_id,
            leg=leg,
            agent=session.agent,
            session_id=session.id,
            call_id=call.id if call is not None else 0,
            lead_id=call.lead_id if call is not None else 0,
            number=number,
            name=name,
            file=file,
            moment=moment,
            stage=stage,
            by=by,
            forced=by == "campaign" and turn.campaign(session).recording is RecordingRule.FORCED,
        )
    )
    turn.deadline("recording", str(recording_id), max(0.0, turn.until - turn.now))
    turn.ask(StartRecording(leg, recording_id, file))


def _free_moment(turn: Turn, agent: str) -> float:
    """The time that the file is named for: this second, or the one after the agent's newest, so that no two are one."""
    newest = turn.state.recorded.get(agent)
    now = float(int(turn.now))
    return now if newest is None or newest < now else newest + 1


def call_answered(turn: Turn, session: Session, call: Call) -> None:
    """The customer is connected with the agent: a campaign that records all its calls begins now."""
    if turn.campaign(session).recording not in {RecordingRule.ALL, RecordingRule.FORCED}:
        return
    try:
        recording_id = next_id(turn.state, "recording")
    except IdsUsedUp as error:
        turn.record(r.RecordingFailed(0, session.agent, call.id, "", error.message))
    else:
        _ask(turn, session, call, call.leg, recording_id, by="campaign")


def begun(turn: Turn, command: RecordingBegun) -> None:
    """Asterisk records."""
    recording = turn.state.recordings.get(command.recording_id)
    if recording is None or recording.started is not None:
        return
    turn.record(r.RecordingStarted(recording.id, _owner(turn, recording), recording.call_id))
    if recording.stopping:
        turn.deadline("recording", str(recording.id), turn.settings.confirm_time)
    turn.reach(_name(recording.id), Milestone.RECORDED)


# --- stop and mute -------------------------------------------------------------------------------------------


def stop(turn: Turn, command: StopRecordings) -> list[int]:
    """End the agent's recordings, those of one call, or one; gives their ids."""
    session = turn.session(command.agent)
    recordings = _changeable(turn, session, command.call_id, command.recording_id)
    for recording in recordings:
        if not recording.stopping:
            turn.record(r.RecordingStopping(recording.id, _owner(turn, recording), stopping=True))
            turn.deadline("recording", str(recording.id), max(0.0, turn.until - turn.now))
            turn.ask(StopRecording(recording.leg, recording.id))
    ids = [recording.id for recording in recordings]
    turn.wait_all([(_name(recording_id), Milestone.STOPPED) for recording_id in ids], ids)
    return ids


def mute(turn: Turn, command: MuteRecordings) -> list[int]:
    """Let the agent's recordings, or one, go on in silence or with sound again; gives their ids."""
    session = turn.session(command.agent)
    recordings = _changeable(turn, session, None, command.recording_id)
    for recording in recordings:
        if not recording.stopping:
            turn.deadline("recording", str(recording.id), max(0.0, turn.until - turn.now))
        turn.ask(MuteRecording(recording.leg, recording.id, command.muted))
    ids = [recording.id for recording in recordings]
    turn.wait_all([(_name(recording_id), _silence(command.muted)) for recording_id in ids], ids)
    return ids


def _changeable(turn: Turn, session: Session, call_id: int | None, recording_id: int | None) -> list[Recording]:
    """The agent's recordings that are meant and that he may end or silence.

    Raises:
        NotRecording, RecordingForced, PbxLinkDown
    """
    meant = [
        recording
        for recording in recordings_of(turn.state, session)
        if call_id in {None, recording.call_id} and recording_id in {None, recording.id}
    ]
    if not meant:
        raise NotRecording(f"{session.agent} has no such recording running")
    free = [recording for recording in meant if not recording.forced]
    if not free:
        raise RecordingForced("the campaign records every call whole")
    turn.require_link()
    return free


def _silence(muted: bool) -> str:
    """The milestone of a recording that is to go on in silence, or with sound."""
    return f"{Milestone.MUTED}:{muted}"


def silenced(turn: Turn, command: RecordingSilenced) -> None:
    """A recording goes on in silence, or with sound again."""
    recording = turn.state.recordings.get(command.recording_id)
    if recording is None:
        return
    if recording.muted != command.muted:
        owner = _owner(turn, recording)
        turn.record(r.RecordingMuted(recording.id, owner, recording.call_id, command.muted))
    turn.reach(_name(recording.id), _silence(command.muted))
    _relax(turn, recording)


def _relax(turn: Turn, recording: Recording) -> None:
    """Nothing is due any more of a recording for which nobody waits."""
    due = deadline_key("recording", str(recording.id)) in turn.state.deadlines
    if due and not recording.stopping and _name(recording.id) not in turn.memory.waits:
        turn.deadline("recording", str(recording.id), None)


# --- the end -------------------------------------------------------------------------------------------------


def over(turn: Turn, command: RecordingOver) -> None:
    """A recording has ended as it was asked to."""
    recording = turn.state.recordings.get(command.recording_id)
    if recording is not None:
        _ended(turn, recording, _owner(turn, recording), "agent")


def leg_ended(turn: Turn, leg: Leg, *, missed: bool = False) -> None:
    """The leg is no more, and its recordings have ended with it; ``missed``: at a time that is not known."""
    for recording in [each for each in turn.state.recordings.values() if each.leg == leg.id]:
        if recording.started is None:
            _failed(turn, recording, leg.agent, CallGone("the channel ended before it was recorded"))
        else:
            _ended(turn, recording, leg.agent or recording.agent, "link" if missed else "hangup")


def _ended(turn: Turn, recording: Recording, owner: str, reason: str) -> None:
    turn.record(r.RecordingEnded(recording.id, owner, recording.call_id, recording.file, reason))
    turn.reach(_name(recording.id), Milestone.STOPPED)
    turn.fail(_name(recording.id), CallGone("the recording has ended meanwhile"))


def _failed(turn: Turn, recording: Recording, owner: str, error: AgentdError) -> None:
    owner = owner or recording.agent
    turn.record(r.RecordingFailed(recording.id, owner, recording.call_id, recording.file, error.message))
    turn.reach(_name(recording.id), Milestone.STOPPED)
    turn.fail(_name(recording.id), error)


def refused(turn: Turn, command: RecordingRefused) -> None:
    """Asterisk would not: there is no recording, or it goes on as it was."""
    recording = turn.state.recordings.get(command.recording_id)
    if recording is not None:
        _as_it_was(turn, recording, PbxRefused(command.reason))


def unconfirmed(turn: Turn, recording_id: int) -> None:
    """Asterisk has not said in time what became of what was asked.

    A recording that has perhaps begun is ended; without a link that waits until there is one.
    """
    recording = turn.state.recordings.get(recording_id)
    if recording is None:
        return
    if recording.started is None:
        if not turn.state.link_up:
            turn.deadline("recording", str(recording_id), turn.settings.confirm_time)
            return
        turn.ask(StopRecording(recording.leg, recording.id))
    _as_it_was(turn, recording, PbxTimeout("Asterisk did not confirm in time"))


def _as_it_was(turn: Turn, recording: Recording, error: AgentdError) -> None:
    if recording.started is None:
        _failed(turn, recording, _owner(turn, recording), error)
        return
    if recording.stopping:
        turn.record(r.RecordingStopping(recording.id, _owner(turn, recording), stopping=False))
    turn.fail(_name(recording.id), error)
    _relax(turn, recording)


def file_gone(turn: Turn, command: RecordingFileGone) -> None:
    """A file that should be there is not, or one was removed for its age."""
    if command.missing:
        failed = r.RecordingFailed(command.recording_id, command.agent, command.call_id, command.file, "no file")
        turn.record(failed)
    else:
        turn.record(r.RecordingRemoved(command.recording_id, command.file))
