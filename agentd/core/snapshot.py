"""The picture of a session that the world outside is given: what is, never what is pending."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from agentd.core.calls.finding import consulted_in, lead_on_screen
from agentd.core.calls.recording import recordings_of
from agentd.core.model import (
    AfterKind,
    Call,
    Callback,
    CallbackWish,
    Lead,
    Monitor,
    Recording,
    Session,
    State,
    TimerAction,
    Waiting,
)

__all__ = [
    "call_snapshot",
    "caller_snapshot",
    "lead_snapshot",
    "monitor_snapshot",
    "recording_snapshot",
    "session_snapshot",
    "session_snapshots",
    "timer_snapshot",
    "wish_snapshot",
]


def session_snapshot(state: State, session: Session) -> dict[str, Any]:
    """Give the whole snapshot of a session. Times are epoch seconds; ``revision`` grows with every change."""
    return _session(state, session, [each for each in state.callbacks.values() if each.user == session.agent])


def session_snapshots(state: State, sessions: Iterable[Session]) -> list[dict[str, Any]]:
    """Give the whole snapshots of several sessions."""
    promised: dict[str, list[Callback]] = {}
    for callback in state.callbacks.values():
        promised.setdefault(callback.user, []).append(callback)
    return [_session(state, session, promised.get(session.agent, [])) for session in sessions]


def _session(state: State, session: Session, promised: list[Callback]) -> dict[str, Any]:
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
        "lead": lead_snapshot(lead_on_screen(state, session)),
        "preview": _preview(session),
        "timer": timer_snapshot(session.timer),
        "callbacks": _callbacks(promised),
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


def lead_snapshot(lead: Lead | None) -> dict[str, Any] | None:
    """Give a lead, with those of his fields that are set."""
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


def _preview(session: Session) -> dict[str, Any] | None:
    """The dial that is made when the agent says so, of the lead on his screen."""
    preview = session.preview
    if preview is None:
        return None
    return {
        "lead_id": preview.lead.id if preview.lead is not None else None,
        "number": preview.number,
        "phone_code": preview.phone_code,
        "which": preview.which.value,
        "focus": preview.focus,
        "vendor_id": preview.vendor_id or None,
    }


def timer_snapshot(timer: TimerAction | None) -> dict[str, Any] | None:
    """Give what is to happen in a call, or (``fired`` names the call) has happened."""
    if timer is None:
        return None
    return {
        "kind": timer.kind.value,
        "seconds": timer.seconds,
        "message": timer.message or None,
        "fired": timer.fired or None,
        "url": timer.url or None,
    }


def _callbacks(promised: list[Callback]) -> list[dict[str, Any]]:
    """What the agent himself has promised to leads, first what is due."""
    return [
        {
            "id": callback.id,
            "lead_id": callback.lead_id,
            "campaign": callback.campaign,
            "due": callback.due,
            "is_due": callback.is_due,
            "comments": callback.comments or None,
        }
        for callback in sorted(promised, key=lambda each: (not each.is_due, each.due, each.id))
    ]


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
        "lead": lead_snapshot(state.leads.get(call.lead_id)),
    }


def _consulted(state: State, call: Call | None) -> dict[str, Any] | None:
    """Another agent's call, in which this one is the third party."""
    if call is None:
        return None
    return {
        "call_id": call.id,
        "key": call.key,
        "agent": call.agent,
        "lead": lead_snapshot(state.leads.get(call.lead_id)),
    }


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
        "which": call.which.value,
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
        "callback": wish_snapshot(call.callback),
        "third_party": _third_party(state, call),
        "agent_leg": call.agent_leg or None,
        "legs": [
            {"role": leg.role.value, "channel": leg.id, "place": leg.place.kind.value, "room": leg.place.room or None}
            for leg in state.legs.values()
            if (leg.call_id, leg.agent) == (call.id, call.agent)
        ],
    }


def wish_snapshot(wish: CallbackWish | None) -> dict[str, Any] | None:
    """Give what an agent promises with a status."""
    return None if wish is None else {"due": wish.due, "anyone": wish.anyone, "comments": wish.comments or None}


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
