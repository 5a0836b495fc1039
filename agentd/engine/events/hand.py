"""What is told of calls in hand: holds, third parties, transfers, recordings, supervisors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from agentd.core import records as r

__all__ = ["TABLE"]


def _call_held(record: r.CallHeld) -> dict[str, Any]:
    return {"call_id": record.call_id, "where": record.where}


def _call_by(record: r.CallRetrieved) -> dict[str, Any]:
    return {"call_id": record.call_id, "by": record.by}


def _third_asked(record: r.ThirdAsked) -> dict[str, Any]:
    return {
        "call_id": record.call_id,
        "state": "asked",
        "number": record.number or None,
        "ingroup": record.ingroup or None,
    }


def _third_answered(record: r.ThirdAnswered) -> dict[str, Any]:
    return {"call_id": record.call_id, "state": "connected"}


def _third_ended(record: r.ThirdEnded) -> dict[str, Any]:
    return {
        "call_id": record.call_id,
        "state": "ended",
        "cause": record.cause or None,
        "hung_up_by": record.hung_up_by,
    }


def _customer_left(record: r.CustomerLeft) -> dict[str, Any]:
    return {"call_id": record.call_id, "cause": record.cause or None, "hung_up_by": record.hung_up_by}


def _call_transferred(record: r.CallTransferred) -> dict[str, Any]:
    return {"call_id": record.call_id, "how": record.how, "to": record.to or None}


def _consult_joined(record: r.ConsultJoined) -> dict[str, Any]:
    return {"call_id": record.call_id, "owner": record.owner}


def _call_alone(record: r.CallRinging | r.CallAnswered) -> dict[str, Any]:
    return {"call_id": record.call_id}


def _digits(record: r.DigitsSent) -> dict[str, Any]:
    return {"call_id": record.call_id, "count": record.count}


def _recording_asked(record: r.RecordingAsked) -> dict[str, Any]:
    return {
        "recording_id": record.recording_id,
        "call_id": record.call_id or None,
        "lead_id": record.lead_id or None,
        "file": record.file,
        "stage": record.stage or None,
        "by": record.by,
    }


def _recording(record: r.RecordingStarted) -> dict[str, Any]:
    return {"recording_id": record.recording_id, "call_id": record.call_id or None}


def _recording_muted(record: r.RecordingMuted) -> dict[str, Any]:
    return {"recording_id": record.recording_id, "call_id": record.call_id or None, "muted": record.muted}


def _recording_ended(record: r.RecordingEnded | r.RecordingFailed) -> dict[str, Any]:
    return {
        "recording_id": record.recording_id,
        "call_id": record.call_id or None,
        "file": record.file,
        "reason": record.reason,
    }


def _recording_removed(record: r.RecordingRemoved) -> dict[str, Any]:
    return {"recording_id": record.recording_id, "file": record.file}


def _monitor(record: r.MonitorAsked | r.MonitorStarted | r.MonitorChanged) -> dict[str, Any]:
    return {"phone": record.phone, "mode": record.mode.value, "by": record.by}


def _monitor_ended(record: r.MonitorEnded) -> dict[str, Any]:
    return {"phone": record.phone, "cause": record.cause or None}


TABLE: dict[type[r.Record], tuple[str, Callable[[Any], dict[str, Any]]]] = {
    r.CallHeld: ("call.held", _call_held),
    r.CallRetrieved: ("call.retrieved", _call_by),
    r.ThirdAsked: ("call.third_party", _third_asked),
    r.ThirdAnswered: ("call.third_party", _third_answered),
    r.ThirdEnded: ("call.third_party", _third_ended),
    r.CustomerLeft: ("call.customer_left", _customer_left),
    r.CallTransferred: ("call.transferred", _call_transferred),
    r.ConsultJoined: ("consult.joined", _consult_joined),
    r.ConsultEnded: ("consult.ended", _call_alone),
    r.DigitsSent: ("call.digits", _digits),
    r.RecordingAsked: ("recording.asked", _recording_asked),
    r.RecordingStarted: ("recording.started", _recording),
    r.RecordingMuted: ("recording.muted", _recording_muted),
    r.RecordingEnded: ("recording.ended", _recording_ended),
    r.RecordingFailed: ("recording.failed", _recording_ended),
    r.RecordingRemoved: ("recording.removed", _recording_removed),
    r.MonitorAsked: ("monitor.ringing", _monitor),
    r.MonitorStarted: ("monitor.started", _monitor),
    r.MonitorChanged: ("monitor.changed", _monitor),
    r.MonitorEnded: ("monitor.ended", _monitor_ended),
}
