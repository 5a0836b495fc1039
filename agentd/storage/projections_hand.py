"""What becomes of calls in hand, as rows: holds, third parties, transfers, recordings, supervisors."""

from __future__ import annotations

from typing import Any

from agentd.core import records as r
from agentd.storage.columns import moment
from agentd.storage.projecting import Change, Source, cut, insert, projects, set_values
from agentd.storage.steps import Step
from agentd.storage.tables import legs, park_log, recordings, supervision_log, third_log

__all__ = ["nobody_waits"]


# --- hold ----------------------------------------------------------------------------------------------------


@projects(r.CallHeld)
def _held(source: Source, record: r.CallHeld) -> list[Change]:
    new = insert(
        Step.PARK_NEW,
        call_id=record.call_id,
        seq=source.seq,
        user=record.agent,
        place=record.where,
        started=moment(source.at),
        ended=None,
        length=None,
        retrieved_by="",
    )
    return [new, _hold_over(source, record.call_id)]


@projects(r.CallRetrieved)
def _retrieved(source: Source, record: r.CallRetrieved) -> list[Change]:
    return [_hold_over(source, record.call_id, record.by)]


@projects(r.CustomerLeft)
def _customer_left(source: Source, record: r.CustomerLeft) -> list[Change]:
    return [_hold_over(source, record.call_id)]


def _hold_over(source: Source, call_id: int, by: str = "") -> Change:
    by = cut(park_log.c.retrieved_by, by)
    return set_values(Step.PARK_OVER, source, call=call_id, seq=source.seq, by=by)


def nobody_waits(source: Source, call_id: int) -> list[Change]:
    """The call is over for its agent: nobody is on hold in it any more, and no third party is with him."""
    return [_hold_over(source, call_id), set_values(Step.THIRD_LEFT, source, call=call_id)]


# --- third parties and transfers -----------------------------------------------------------------------------


@projects(r.ThirdAsked)
def _third_asked(source: Source, record: r.ThirdAsked) -> list[Change]:
    return [
        insert(
            Step.THIRD_NEW,
            call_id=record.call_id,
            leg=record.leg,
            user=record.agent,
            phone_number=record.number,
            ingroup=record.ingroup,
            consulted="",
            asked=moment(source.at),
            answered=None,
            ended=None,
            cause=None,
            hung_up_by="",
        )
    ]


@projects(r.ThirdAnswered)
def _third_answered(source: Source, record: r.ThirdAnswered) -> list[Change]:
    return [_third(Step.THIRD_ANSWERED, source, record)]


@projects(r.ConsultJoined)
def _consult_joined(source: Source, record: r.ConsultJoined) -> list[Change]:
    return [_third(Step.THIRD_JOINED, source, record, consulted=cut(third_log.c.consulted, record.agent))]


@projects(r.ThirdEnded)
def _third_ended(source: Source, record: r.ThirdEnded) -> list[Change]:
    by = cut(third_log.c.hung_up_by, record.hung_up_by)
    return [_third(Step.THIRD_OVER, source, record, cause=cut(third_log.c.cause, record.cause), by=by)]


def _third(
    step: Step, source: Source, record: r.ThirdAnswered | r.ThirdEnded | r.ConsultJoined, **values: Any
) -> Change:
    return set_values(step, source, call=record.call_id, leg=cut(third_log.c.leg, record.leg), **values)


@projects(r.CallTransferred)
def _transferred(source: Source, record: r.CallTransferred) -> list[Change]:
    new = insert(
        Step.TRANSFER_NEW,
        call_id=record.call_id,
        seq=source.seq,
        user=record.agent,
        how=record.how,
        target=record.to,
        at=moment(source.at),
    )
    return [new, *nobody_waits(source, record.call_id)]


# --- recordings ----------------------------------------------------------------------------------------------


@projects(r.RecordingAsked)
def _recording_asked(source: Source, record: r.RecordingAsked) -> list[Change]:
    return [
        insert(
            Step.RECORDING_NEW,
            id=record.recording_id,
            daemon=source.daemon,
            user=record.agent,
            session_id=record.session_id,
            call_id=record.call_id,
            lead_id=record.lead_id,
            leg=record.leg,
            phone_number=record.number,
            name=record.name,
            file=record.file,
            stage=record.stage,
            asked_by=record.by,
            asked=moment(source.at),
            reason="",
            failed="",
            **dict.fromkeys(("started", "ended", "length", "removed")),
        )
    ]


@projects(r.RecordingStarted)
def _recording_started(source: Source, record: r.RecordingStarted) -> list[Change]:
    return [set_values(Step.RECORDING_STARTED, source, recording=record.recording_id)]


@projects(r.RecordingMuted)
def _recording_muted(source: Source, record: r.RecordingMuted) -> list[Change]:
    if not record.muted:
        return [_mute_over(source, record.recording_id)]
    new = insert(
        Step.MUTE_NEW,
        recording_id=record.recording_id,
        seq=source.seq,
        started=moment(source.at),
        ended=None,
        length=None,
    )
    return [new, _mute_over(source, record.recording_id)]


def _mute_over(source: Source, recording_id: int) -> Change:
    return set_values(Step.MUTE_OVER, source, recording=recording_id, seq=source.seq)


@projects(r.RecordingEnded)
def _recording_ended(source: Source, record: r.RecordingEnded) -> list[Change]:
    reason = cut(recordings.c.reason, record.reason)
    over = set_values(Step.RECORDING_OVER, source, recording=record.recording_id, reason=reason)
    return [over, _mute_over(source, record.recording_id)]


@projects(r.RecordingFailed)
def _recording_failed(source: Source, record: r.RecordingFailed) -> list[Change]:
    """It may be known while Asterisk should record, or after the end, when there is no file."""
    reason = cut(recordings.c.failed, record.reason)
    failed = set_values(Step.RECORDING_FAILED, source, recording=record.recording_id, reason=reason)
    return [failed, _mute_over(source, record.recording_id)]


@projects(r.RecordingRemoved)
def _recording_removed(source: Source, record: r.RecordingRemoved) -> list[Change]:
    return [set_values(Step.RECORDING_REMOVED, source, recording=record.recording_id)]


# --- supervisors ---------------------------------------------------------------------------------------------


@projects(r.MonitorAsked)
def _monitor_asked(source: Source, record: r.MonitorAsked) -> list[Change]:
    return [
        insert(
            Step.SUPERVISION_NEW,
            daemon=source.daemon,
            leg=record.leg,
            user=record.agent,
            session_id=record.session_id,
            phone=record.phone,
            mode=record.mode.value,
            asked_by=record.by,
            asked=moment(source.at),
            **dict.fromkeys(("started", "ended", "length", "cause")),
        )
    ]


@projects(r.MonitorStarted)
def _monitor_started(source: Source, record: r.MonitorStarted) -> list[Change]:
    return [_monitor(Step.SUPERVISION_STARTED, source, record.leg), _mode(source, record)]


@projects(r.MonitorChanged)
def _monitor_changed(source: Source, record: r.MonitorChanged) -> list[Change]:
    return [_mode(source, record), _monitor(Step.SUPERVISION_MODE_OVER, source, record.leg, seq=source.seq)]


@projects(r.MonitorEnded)
def _monitor_ended(source: Source, record: r.MonitorEnded) -> list[Change]:
    cause = cut(supervision_log.c.cause, record.cause)
    return [
        _monitor(Step.SUPERVISION_MODE_OVER, source, record.leg, seq=source.seq),
        _monitor(Step.SUPERVISION_OVER, source, record.leg, cause=cause),
    ]


def _mode(source: Source, record: r.MonitorStarted | r.MonitorChanged) -> Change:
    return insert(
        Step.SUPERVISION_MODE_NEW,
        daemon=source.daemon,
        leg=record.leg,
        seq=source.seq,
        mode=record.mode.value,
        asked_by=record.by,
        started=moment(source.at),
        ended=None,
        length=None,
    )


def _monitor(step: Step, source: Source, leg: str, **values: Any) -> Change:
    return set_values(step, source, daemon=source.daemon, leg=cut(legs.c.id, leg), **values)
