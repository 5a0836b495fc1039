"""Which call a verb is about, and what a verb about a call in hand comes to."""

from __future__ import annotations

from dataclasses import dataclass

from agentd.core.errors import CallNotFound, NoCallInHand, NoLiveCall, NotPossibleNow
from agentd.core.model import Call, CallState, Lead, Leg, PlaceKind, Session, SessionKind, State
from agentd.core.sessions.states import require_seat

__all__ = [
    "ANSWERED",
    "Transferred",
    "answered_third",
    "consulted_in",
    "current_call",
    "customer_leg",
    "is_auto_dial",
    "lead_on_screen",
    "live_call",
    "named_call",
    "remote_call",
    "taken_leads",
]

ANSWERED = frozenset({CallState.CONNECTED, CallState.HELD, CallState.IVR, CallState.THIRD_PARTY})
"""The states of a call in which an outside party is answered."""


@dataclass(frozen=True, slots=True)
class Transferred:
    """What a transfer verb came to: the call that it was about, and the in-group that DEFAULTINGROUP meant."""

    call_id: int
    key: str
    ingroup: str = ""


def is_auto_dial(call: Call) -> bool:
    """Say whether a campaign is dialling the call, and nobody has answered yet."""
    return call.direction == "auto" and not call.agent and call.state in {CallState.DIALLING, CallState.RINGING}


def current_call(state: State, session: Session) -> Call | None:
    """Give the call that verbs without a call id act on: the connected one, else the newest, else None."""
    calls = [state.calls[call_id] for call_id in session.calls]
    for call in calls:
        if call.state is CallState.CONNECTED:
            return call
    candidates = [call for call in calls if call.state is not CallState.WRAPPING] or calls
    return candidates[-1] if candidates else None


def lead_on_screen(state: State, session: Session) -> Lead | None:
    """Give the lead before the agent: that of the call in which he is consulted, of his own, or of one on its way.

    In a preview it is the one who may be dialled.
    """
    offered = (waiting.call_id for waiting in state.waiting.values() if waiting.offered == session.agent)
    call = state.calls.get(session.consulted) or current_call(state, session) or state.calls.get(next(offered, 0))
    if call is not None:
        return state.leads.get(call.lead_id)
    previewed = session.preview.lead if session.preview is not None else None
    return None if previewed is None else state.leads.get(previewed.id)


def taken_leads(state: State) -> set[int]:
    """Give the ids of the leads who are in a call, on a screen, or remembered by an agent to be dialled."""
    queued = (request.lead for session in state.sessions.values() for request in session.queue)
    return {*state.leads, *(lead.id for lead in queued if lead is not None)}


def named_call(state: State, session: Session, call_id: int | None) -> Call | None:
    """Give the call of that id, or with None the current one.

    Raises:
        CallNotFound: the session has no call with that id.
    """
    if call_id is None:
        return current_call(state, session)
    if call_id not in session.calls:
        raise CallNotFound(f"{session.agent} has no call {call_id}")
    return state.calls[call_id]


def live_call(state: State, session: Session, call_id: int | None) -> Call:
    """Give the call, one of whose outside parties is answered.

    Raises:
        CallNotFound, NoLiveCall
    """
    call = named_call(state, session, call_id)
    if call is None or call.state not in ANSWERED:
        raise NoLiveCall(f"{session.agent} has no live call")
    return call


def customer_leg(state: State, session: Session, call_id: int | None) -> tuple[Call, Leg]:
    """Give the call and the leg of its customer, who is answered.

    Raises:
        CallNotFound, NoCallInHand, NotPossibleNow: no call at all; or one whose customer is not there yet, or has gone,
            or is with a remote agent.
    """
    call = named_call(state, session, call_id)
    if call is None:
        raise NoCallInHand(f"{session.agent} has no call")
    require_seat(session)
    leg = state.legs.get(call.leg)
    if call.state not in ANSWERED or leg is None:
        raise NotPossibleNow(f"the customer of call {call.id} is not there")
    return call, leg


def remote_call(state: State, session: Session, key: str) -> Call:
    """Give the live call of that key that a remote agent has.

    Raises:
        CallNotFound: he has none, or is no remote agent.
    """
    if session.kind is SessionKind.REMOTE:
        for call_id in session.calls:
            call = state.calls[call_id]
            if call.key == key and call.state in ANSWERED:
                return call
    raise CallNotFound(f"{session.agent} has no call {key}")


def answered_third(state: State, call: Call) -> Leg | None:
    """Give the leg of the call's third party, when it has answered and is in a conference."""
    leg = state.legs.get(call.third)
    if leg is None or call.third_answered is None or leg.place.kind is not PlaceKind.CONFERENCE:
        return None
    return leg


def consulted_in(state: State, call_id: int) -> Session | None:
    """Give the session of the agent who is the third party in that call."""
    for session in state.sessions.values():
        if session.consulted and session.consulted == call_id:
            return session
    return None
