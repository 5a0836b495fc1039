"""The picture of a session that the world outside is given: what is, never what is pending."""

from __future__ import annotations

from typing import Any

from agentd.core.model import AfterKind, Call, Session, State

__all__ = ["call_snapshot", "session_snapshot"]


def session_snapshot(state: State, session: Session) -> dict[str, Any]:
    """Give the whole snapshot of a session. Times are epoch seconds; ``revision`` grows with every change."""
    calls = [state.calls[call_id] for call_id in session.calls]
    lead = state.leads.get(calls[-1].lead_id) if calls else None
    return {
        "agent": session.agent,
        "session_id": session.id,
        "state": session.state.value,
        "code": str(session.code) or None,
        "since": session.since,
        "started": session.started,
        "after": _after(session),
        "phone": {"extension": session.phone, "attached": session.attached},
        "conference": session.conference,
        "campaign": session.campaign,
        "ingroups": [],
        "lead": None
        if lead is None
        else {
            **lead.fields,
            "id": lead.id,
            "list_id": lead.list_id,
            "status": lead.status,
            "phone_code": lead.phone_code,
            "phone_number": lead.phone_number,
        },
        "calls": [call_snapshot(state, call) for call in calls],
        "dial_queue": [request.number for request in session.queue],
        "revision": session.revision,
    }


def _after(session: Session) -> dict[str, Any] | None:
    after = session.after
    if after is None:
        return None
    code = str(after.code) if after.kind is AfterKind.PAUSED else None
    return {"state": after.kind.value, "code": code, "logout": after.kind is AfterKind.LOGOUT}


def call_snapshot(state: State, call: Call) -> dict[str, Any]:
    """Give the snapshot of a call."""
    return {
        "id": call.id,
        "key": call.key,
        "direction": call.direction,
        "lead_id": call.lead_id,
        "number": call.number,
        "phone_code": call.phone_code,
        "state": call.state.value,
        "started": call.started,
        "answered": call.answered,
        "ended": call.ended,
        "cause": call.cause or None,
        "hung_up_by": call.hung_up_by or None,
        "suggested_status": call.suggested_status or None,
        "status": call.status or None,
        "legs": [
            {"role": leg.role.value, "channel": leg.id, "place": leg.place.kind.value, "room": leg.place.room or None}
            for leg in state.legs.values()
            if leg.call_id == call.id
        ],
    }
