"""What the world outside is told: the records of the journal as events, by one table.

An event is made of its record alone, so that a journal read again gives the same events. Secrets (users,
tokens, kept answers) and what only the machinery needs (legs, deadlines, id blocks) give none.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from agentd.core import records as r
from agentd.core.model import After, AfterKind, Lead

__all__ = ["NAMES", "SILENT", "Event", "events_of"]


@dataclass(frozen=True, slots=True)
class Event:
    """Something that has become true. ``agent`` is empty where it concerns everybody."""

    name: str
    agent: str
    data: dict[str, Any]


def events_of(record: r.Record) -> list[Event]:
    """Give the events of a record, in order; most have one or none."""
    entry = _TABLE.get(type(record))
    if entry is None:
        return []
    name, tell = entry
    return [Event(name, getattr(record, "agent", ""), tell(record))]


# --- what each tells -----------------------------------------------------------------------------------------


def _link(record: r.LinkChanged) -> dict[str, Any]:
    return {"up": record.up, "reason": record.reason or None}


def _started(record: r.LoginStarted | r.SessionStarted) -> dict[str, Any]:
    return {
        "session_id": record.session_id,
        "kind": record.kind.value,
        "phone": record.phone or None,
        "campaign": record.campaign,
        "conference": record.conference or None,
        "source": record.source,
    }


def _login_failed(record: r.LoginEnded) -> dict[str, Any]:
    return {"reason": record.reason}


def _session_state(record: r.StateEntered) -> dict[str, Any]:
    return {
        "session_id": record.session_id,
        "state": record.state.value,
        "code": str(record.code) or None,
        "productive": record.productive,
        "interval": record.interval,
        "call_id": record.call_id or None,
        "lead_id": record.lead_id or None,
    }


def _session_after(record: r.AfterSet) -> dict[str, Any]:
    return {"after": _after(record.after)}


def _phone_lost(record: r.PhoneLost) -> dict[str, Any]:
    return {"attached": False, "recalling": False, "returns": _after(record.returns)}


def _phone_released(_record: r.PhoneReleased) -> dict[str, Any]:
    return {"attached": False, "recalling": False}


def _phone_recalled(_record: r.PhoneRecalled) -> dict[str, Any]:
    return {"attached": False, "recalling": True}


def _phone_attached(_record: r.PhoneAttached) -> dict[str, Any]:
    return {"attached": True, "recalling": False}


def _session_ended(record: r.SessionEnded) -> dict[str, Any]:
    return {"session_id": record.session_id, "reason": record.reason, "source": record.source}


def _dial_queued(record: r.DialQueued) -> dict[str, Any]:
    lead = record.request.lead
    return {
        "number": record.request.number,
        "phone_code": record.request.phone_code,
        "lead_id": lead.id if lead is not None else None,
        "replaces": record.replaces,
    }


def _dial_unqueued(record: r.DialUnqueued) -> dict[str, Any]:
    return {"reason": record.reason or None}


def _call_started(record: r.CallStarted) -> dict[str, Any]:
    return {
        "call_id": record.call_id,
        "key": record.key,
        "session_id": record.session_id,
        "campaign": record.campaign,
        "direction": record.direction,
        "number": record.number,
        "phone_code": record.phone_code,
        "lead_id": record.lead.id,
        "lead": _lead(record.lead),
        "focus": record.focus,
        "vendor_id": record.vendor_id or None,
        "source": record.source or None,
    }


def _call_alone(record: r.CallRinging | r.CallAnswered) -> dict[str, Any]:
    return {"call_id": record.call_id}


def _call_refused(record: r.CallRefused) -> dict[str, Any]:
    return {"call_id": record.call_id, "cause": record.cause or None, "reason": record.reason}


def _call_ended(record: r.CallEnded) -> dict[str, Any]:
    return {
        "call_id": record.call_id,
        "cause": record.cause or None,
        "hung_up_by": record.hung_up_by,
        "suggested_status": record.suggested_status or None,
    }


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


def _call_waiting(record: r.CallWaiting) -> dict[str, Any]:
    return {
        "call_id": record.call_id,
        "key": record.key,
        "ingroup": record.ingroup,
        "direction": record.direction,
        "number": record.number,
        "lead_id": record.lead.id,
        "wanted": record.wanted or None,
        "origin": record.origin or None,
        "did": record.did or None,
        "name": record.name or None,
    }


def _offer_missed(record: r.OfferMissed) -> dict[str, Any]:
    return {"call_id": record.call_id, "ingroup": record.ingroup or None, "cause": record.cause or None}


def _call_treated(record: r.CallTreated) -> dict[str, Any]:
    return {
        "call_id": record.call_id,
        "ingroup": record.ingroup or None,
        "campaign": record.campaign or None,
        "reason": record.reason,
        "how": record.how,
        "to": record.to or None,
    }


def _call_rerouted(record: r.CallRerouted) -> dict[str, Any]:
    return {"call_id": record.call_id, "ingroup": record.ingroup}


def _call_dialled(record: r.CallDialled) -> dict[str, Any]:
    return {
        "call_id": record.call_id,
        "key": record.key,
        "campaign": record.campaign,
        "direction": "auto",
        "number": record.number,
        "phone_code": record.phone_code,
        "lead_id": record.lead.id,
    }


def _lead_answered(record: r.LeadAnswered) -> dict[str, Any]:
    return {"call_id": record.call_id, "campaign": record.campaign}


def _ingroups_changed(record: r.InGroupsChanged) -> dict[str, Any]:
    return {"ingroups": list(record.ingroups), "blended": record.blended}


def _call_offered(record: r.WaitingOffered) -> dict[str, Any]:
    return {"call_id": record.call_id, "to": record.to or None}


def _waiting_ended(record: r.WaitingEnded) -> dict[str, Any]:
    return {"call_id": record.call_id, "ingroup": record.ingroup, "reason": record.reason}


def _call_delivered(record: r.CallDelivered) -> dict[str, Any]:
    return {"call_id": record.call_id, "session_id": record.session_id, "campaign": record.campaign}


def _consult_joined(record: r.ConsultJoined) -> dict[str, Any]:
    return {"call_id": record.call_id, "owner": record.owner}


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


def _call_status(record: r.StatusKept) -> dict[str, Any]:
    return {"call_id": record.call_id, "status": record.status}


def _call_disposed(record: r.CallDisposed) -> dict[str, Any]:
    return {
        "call_id": record.call_id,
        "lead_id": record.lead_id,
        "status": record.status,
        "by": record.by,
        "lead_keeps": record.lead_keeps,
    }


def _call_redisposed(record: r.StatusReplaced) -> dict[str, Any]:
    return {"call_id": record.call_id, "lead_id": record.lead_id, "status": record.status, "by": "agent"}


def _after(after: After | None) -> dict[str, Any] | None:
    """The same words as in a session's snapshot."""
    if after is None:
        return None
    return {"state": after.kind.value, "code": str(after.code) or None, "logout": after.kind is AfterKind.LOGOUT}


def _lead(lead: Lead) -> dict[str, Any]:
    """The same words as in a session's snapshot."""
    return {
        **lead.fields,
        "id": lead.id,
        "list_id": lead.list_id,
        "status": lead.status,
        "phone_code": lead.phone_code,
        "phone_number": lead.phone_number,
    }


_TABLE: dict[type[r.Record], tuple[str, Callable[[Any], dict[str, Any]]]] = {
    r.LinkChanged: ("pbx.link", _link),
    r.LoginStarted: ("login.started", _started),
    r.LoginEnded: ("login.failed", _login_failed),
    r.SessionStarted: ("session.started", _started),
    r.StateEntered: ("session.state", _session_state),
    r.AfterSet: ("session.after", _session_after),
    r.PhoneLost: ("session.phone", _phone_lost),
    r.PhoneReleased: ("session.phone", _phone_released),
    r.PhoneRecalled: ("session.phone", _phone_recalled),
    r.PhoneAttached: ("session.phone", _phone_attached),
    r.SessionEnded: ("session.ended", _session_ended),
    r.DialQueued: ("dial.queued", _dial_queued),
    r.DialUnqueued: ("dial.unqueued", _dial_unqueued),
    r.CallStarted: ("call.started", _call_started),
    r.CallRinging: ("call.ringing", _call_alone),
    r.CallAnswered: ("call.answered", _call_alone),
    r.CallRefused: ("call.refused", _call_refused),
    r.CallEnded: ("call.ended", _call_ended),
    r.CallHeld: ("call.held", _call_held),
    r.CallRetrieved: ("call.retrieved", _call_by),
    r.ThirdAsked: ("call.third_party", _third_asked),
    r.ThirdAnswered: ("call.third_party", _third_answered),
    r.ThirdEnded: ("call.third_party", _third_ended),
    r.CustomerLeft: ("call.customer_left", _customer_left),
    r.CallTransferred: ("call.transferred", _call_transferred),
    r.CallWaiting: ("call.waiting", _call_waiting),
    r.WaitingOffered: ("call.offered", _call_offered),
    r.WaitingEnded: ("call.waiting_ended", _waiting_ended),
    r.CallDelivered: ("call.delivered", _call_delivered),
    r.OfferMissed: ("call.missed", _offer_missed),
    r.CallTreated: ("call.treated", _call_treated),
    r.CallRerouted: ("call.rerouted", _call_rerouted),
    r.CallDialled: ("call.dialled", _call_dialled),
    r.LeadAnswered: ("call.lead_answered", _lead_answered),
    r.InGroupsChanged: ("session.ingroups", _ingroups_changed),
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
    r.StatusKept: ("call.status", _call_status),
    r.CallDisposed: ("call.disposed", _call_disposed),
    r.StatusReplaced: ("call.redisposed", _call_redisposed),
}

NAMES: frozenset[str] = frozenset(name for name, _ in _TABLE.values())
"""Every name that an event may have."""

SILENT: frozenset[type[r.Record]] = frozenset(
    {
        r.UserSet,
        r.PhoneSet,
        r.CampaignSet,
        r.InGroupSet,
        r.GroupAliasSet,
        r.StatusSet,
        r.TokenSet,
        r.IdsGranted,
        r.DeadlineSet,
        r.LeadCreated,
        r.LegAsked,
        r.LegAdopted,
        r.LegMoved,
        r.LegPending,
        r.LegEnded,
        r.LegLeftBehind,
        r.LegGiven,
        r.WaitingJoined,
        r.WaitingEntered,
        r.RecordingStopping,
        r.AnswerKept,
        r.ApiCalled,
    }
)
"""The records of which nobody outside is told."""
