"""How the State changes by what becomes of calls in hand: holds, third parties, lines, recordings, supervisors."""

from __future__ import annotations

from agentd.core import records as r
from agentd.core.evolving.table import forget_deadlines, on, use_id
from agentd.core.model import (
    Call,
    CallState,
    Monitor,
    Recording,
    Session,
    State,
)

__all__: list[str] = []


# --- hold ----------------------------------------------------------------------------------------------------


@on(r.CallHeld)
def _held(state: State, record: r.CallHeld, at: float) -> None:
    call = state.calls[record.call_id]
    call.state = CallState(record.where)
    if call.held_since is None:
        call.held_since = at


@on(r.CallRetrieved)
def _retrieved(state: State, record: r.CallRetrieved, _at: float) -> None:
    call = state.calls[record.call_id]
    call.state = CallState.CONNECTED
    call.held_since = None


# --- third parties -------------------------------------------------------------------------------------------


@on(r.ThirdAsked)
def _third_asked(state: State, record: r.ThirdAsked, _at: float) -> None:
    call = state.calls[record.call_id]
    call.third = record.leg
    call.third_number = record.number or record.ingroup
    call.third_answered = None


@on(r.ThirdAnswered)
def _third_answered(state: State, record: r.ThirdAnswered, at: float) -> None:
    state.calls[record.call_id].third_answered = at


@on(r.ThirdEnded)
def _third_ended(state: State, record: r.ThirdEnded, _at: float) -> None:
    _no_third(state.calls[record.call_id])


def _no_third(call: Call) -> None:
    call.third = call.third_number = ""
    call.third_answered = None


@on(r.CustomerLeft)
def _customer_left(state: State, record: r.CustomerLeft, _at: float) -> None:
    call = state.calls[record.call_id]
    call.state = CallState.THIRD_PARTY
    call.cause = record.cause
    call.hung_up_by = record.hung_up_by
    call.held_since = None
    forget_deadlines(state, record.agent, "grace")


# --- transfers -----------------------------------------------------------------------------------------------


@on(r.CallTransferred)
def _transferred(state: State, record: r.CallTransferred, _at: float) -> None:
    call = state.calls[record.call_id]
    call.leg = ""
    _no_third(call)


@on(r.LegLeftBehind)
def _left_behind(state: State, record: r.LegLeftBehind, _at: float) -> None:
    leg = state.legs[record.leg]
    leg.left = True
    leg.peer = record.peer
    leg.agent = ""
    leg.session_id = 0
    leg.call_id = None


@on(r.LegGiven)
def _given(state: State, record: r.LegGiven, _at: float) -> None:
    leg = state.legs[record.leg]
    leg.agent = record.agent
    leg.session_id = record.session_id
    leg.call_id = record.call_id


# --- consultations -------------------------------------------------------------------------------------------


@on(r.ConsultJoined)
def _consult_joined(state: State, record: r.ConsultJoined, at: float) -> None:
    state.sessions[record.agent].consulted = record.call_id
    state.calls[record.call_id].third_answered = at


@on(r.ConsultEnded)
def _consult_ended(state: State, record: r.ConsultEnded, _at: float) -> None:
    session: Session | None = state.sessions.get(record.agent)
    if session is not None:
        session.consulted = 0


@on(r.DigitsSent)
def _digits(_state: State, _record: r.DigitsSent, _at: float) -> None:
    """Nothing in memory: an event and a line of the log."""


# --- recordings ----------------------------------------------------------------------------------------------


@on(r.RecordingAsked)
def _recording_asked(state: State, record: r.RecordingAsked, at: float) -> None:
    use_id(state, "recording", record.recording_id)
    state.recorded[record.agent] = record.moment
    state.recordings[record.recording_id] = Recording(
        id=record.recording_id,
        leg=record.leg,
        agent=record.agent,
        session_id=record.session_id,
        call_id=record.call_id,
        lead_id=record.lead_id,
        name=record.name,
        file=record.file,
        asked=at,
        stage=record.stage,
        by=record.by,
        forced=record.forced,
    )


@on(r.RecordingStarted)
def _recording_started(state: State, record: r.RecordingStarted, at: float) -> None:
    recording = state.recordings[record.recording_id]
    recording.started = at
    forget_deadlines(state, str(record.recording_id), "recording")


@on(r.RecordingMuted)
def _recording_muted(state: State, record: r.RecordingMuted, _at: float) -> None:
    state.recordings[record.recording_id].muted = record.muted


@on(r.RecordingStopping)
def _recording_stopping(state: State, record: r.RecordingStopping, _at: float) -> None:
    state.recordings[record.recording_id].stopping = record.stopping


@on(r.RecordingEnded)
def _recording_ended(state: State, record: r.RecordingEnded, _at: float) -> None:
    _forget_recording(state, record.recording_id)


@on(r.RecordingFailed)
def _recording_failed(state: State, record: r.RecordingFailed, _at: float) -> None:
    _forget_recording(state, record.recording_id)


def _forget_recording(state: State, recording_id: int) -> None:
    state.recordings.pop(recording_id, None)
    forget_deadlines(state, str(recording_id), "recording")


@on(r.RecordingRemoved)
def _recording_removed(_state: State, _record: r.RecordingRemoved, _at: float) -> None:
    """Nothing in memory: the row of a recording that ended long ago."""


# --- supervisors ---------------------------------------------------------------------------------------------


@on(r.MonitorAsked)
def _monitor_asked(state: State, record: r.MonitorAsked, _at: float) -> None:
    state.monitors[record.leg] = Monitor(record.leg, record.agent, record.phone, record.mode, record.by)


@on(r.MonitorStarted)
def _monitor_started(state: State, record: r.MonitorStarted, at: float) -> None:
    state.monitors[record.leg].since = at


@on(r.MonitorChanged)
def _monitor_changed(state: State, record: r.MonitorChanged, _at: float) -> None:
    state.monitors[record.leg].mode = record.mode


@on(r.MonitorEnded)
def _monitor_ended(state: State, record: r.MonitorEnded, _at: float) -> None:
    state.monitors.pop(record.leg, None)
