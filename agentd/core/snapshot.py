"""The picture of a session that the world outside is given: what is, never what is pending."""

from __future__ import annotations

from typing import Any

from agentd.core.calls.finding import consulted_in, current_call
from agentd.core.calls.recording import recordings_of
from agentd.core.model import AfterKind, Call, Monitor, Recording, Session, State, Waiting

__all__ = ["call_snapshot", "caller_snapshot", "monitor_snapshot", "recording_snapshot", "session_snapshot"]


def session_snapshot(state: State, session: Session) -> dict[str, Any]:
    """Give the whole snapshot of a session. Times are epoch seconds; ``revision`` grows with every change."""
    consulted = state.calls.get(session.consulted)
    offered = [waiting for waiting in state.waiting.values() if waiting.offered == session.agent]
    return {
        "agent": session.agent,
        "session_id": session.id,
        "kind": session.kind.value,
        "state": session.state.value,
        "code": str(session.code) or None,
        "since": session.since,
        "started": session.started,
        "after": _after(session),
        "phone": {"extension": session.phone or None, "attached": session.attached},
        "conference": session.conference or None,
        "campaign": session.campaign,
        "ingroups": list(session.ingroups),
        "ranks": dict(session.ranks),
        "blended": session.blended,
        "lines": session.lines,
        "misses": session.misses,
        "lead": _lead(state, consulted or current_call(state, session) or _first(state, offered)),
        "calls": [call_snapshot(state, state.calls[call_id]) for call_id in session.calls],
        "offered": [_offered(state, waiting) for waiting in offered],
        "consulted": _consulted(state, consulted),
        "recordings": [recording_snapshot(recording) for recording in _running(state, session)],
        "monitors": [
            monitor_snapshot(monitor) for monitor in state.monitors.values() if monitor.agent == session.agent
        ],
        "dial_queue": [request.number for request in session.queue],
        "revision": session.revision,
    }


def _after(session: Session) -> dict[str, Any] | None:
    after = session.after
    if after is None:
        return None
    code = str(after.code) if after.kind is AfterKind.PAUSED else None
    return {"state": after.kind.value, "code": code, "logout": after.kind is AfterKind.LOGOUT}


def _lead(state: State, call: Call | None) -> dict[str, Any] | None:
    """The lead of a call, with those of its fields that are set."""
    lead = None if call is None else state.leads.get(call.lead_id)
    if lead is None:
        return None
    return {
        **lead.fields,
        "id": lead.id,
        "list_id": lead.list_id,
        "status": lead.status,
        "phone_code": lead.phone_code,
        "phone_number": lead.phone_number,
    }


def _first(state: State, offered: list[Waiting]) -> Call | None:
    return state.calls[offered[0].call_id] if offered else None


def _offered(state: State, waiting: Waiting) -> dict[str, Any]:
    """A call that is being brought to the agent: to be his, or (``consult``) to be asked about it."""
    call = state.calls[waiting.call_id]
    return {
        "call_id": call.id,
        "key": call.key,
        "direction": call.direction,
        "ingroup": waiting.ingroup or None,
        "number": call.number,
        "did": call.did or None,
        "since": waiting.since,
        "consult": waiting.consult,
        "lead": _lead(state, call),
    }


def _consulted(state: State, call: Call | None) -> dict[str, Any] | None:
    """Another agent's call, in which this one is the third party."""
    if call is None:
        return None
    return {"call_id": call.id, "key": call.key, "agent": call.agent, "lead": _lead(state, call)}


def _running(state: State, session: Session) -> list[Recording]:
    return [recording for recording in recordings_of(state, session) if recording.started is not None]


def recording_snapshot(recording: Recording) -> dict[str, Any]:
    """Give the snapshot of a recording that has begun."""
    return {
        "id": recording.id,
        "call_id": recording.call_id or None,
        "file": recording.file,
        "stage": recording.stage or None,
        "started": recording.started,
        "muted": recording.muted,
    }


def monitor_snapshot(monitor: Monitor) -> dict[str, Any]:
    """Give the snapshot of a supervisor; ``since`` is None while his phone rings."""
    return {"phone": monitor.phone, "mode": monitor.mode.value, "by": monitor.by, "since": monitor.since}


# --- calls ---------------------------------------------------------------------------------------------------


def call_snapshot(state: State, call: Call) -> dict[str, Any]:
    """Give the snapshot of a call."""
    return {
        "id": call.id,
        "key": call.key,
        "direction": call.direction,
        "lead_id": call.lead_id,
        "number": call.number,
        "phone_code": call.phone_code,
        "did": call.did or None,
        "ingroup": call.ingroup or None,
        "origin": call.origin or None,
        "state": call.state.value,
        "started": call.started,
        "answered": call.answered,
        "held_since": call.held_since,
        "ended": call.ended,
        "cause": call.cause or None,
        "hung_up_by": call.hung_up_by or None,
        "suggested_status": call.suggested_status or None,
        "status": call.status or None,
        "third_party": _third_party(state, call),
        "agent_leg": call.agent_leg or None,
        "legs": [
            {"role": leg.role.value, "channel": leg.id, "place": leg.place.kind.value, "room": leg.place.room or None}
            for leg in state.legs.values()
            if (leg.call_id, leg.agent) == (call.id, call.agent)
        ],
    }


def _third_party(state: State, call: Call) -> dict[str, Any] | None:
    """The third party; ``ingroup`` where an agent was asked for, and ``agent`` who it is once he has joined."""
    if not call.third:
        return None
    consulted = consulted_in(state, call.id)
    asks_agent = consulted is not None or call.third in state.waiting
    return {
        "number": None if asks_agent else call.third_number,
        "ingroup": call.third_number if asks_agent else None,
        "agent": None if consulted is None else consulted.agent,
        "state": "asked" if call.third_answered is None else "connected",
        "leg": call.third,
    }


# --- lines ---------------------------------------------------------------------------------------------------


def caller_snapshot(state: State, waiting: Waiting, position: int) -> dict[str, Any]:
    """Give the snapshot of somebody in a line; ``consult``: another agent, who asks about that call."""
    call = state.calls[waiting.call_id]
    return {
        "call_id": call.id,
        "key": call.key,
        "number": call.number,
        "did": call.did or None,
        "lead_id": call.lead_id,
        "since": waiting.since,
        "position": position,
        "priority": waiting.priority,
        "wanted": waiting.wanted or None,
        "offered": waiting.offered or None,
        "consult": waiting.consult,
    }
