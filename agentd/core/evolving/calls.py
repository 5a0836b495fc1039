"""How the State changes by what becomes of leads, calls and legs."""

from __future__ import annotations

from dataclasses import replace

from agentd.core import records as r
from agentd.core.evolving.counts import line_counts
from agentd.core.evolving.table import forget_deadlines, on, use_id
from agentd.core.ids import KEY_MEMORY
from agentd.core.model import Call, CallState, Lead, Leg, Place, PlaceKind, Role, State

__all__ = ["REPLACE_WINDOW", "forget_lead", "keep_lead", "new_call"]

REPLACE_WINDOW = 30.0  # seconds in which an agent's status replaces an automatic one

# Which deadlines of a leg are met when it is there.
_REACHED = {
    PlaceKind.DIALLING: ("placed",),
    PlaceKind.UP: ("placed", "dial"),
    PlaceKind.CONFERENCE: ("placed", "dial", "ring", "join"),
    PlaceKind.WAIT: ("placed", "dial", "ring", "join"),
    PlaceKind.IVR: ("placed", "dial", "ring", "join"),
    PlaceKind.OUTSIDE: ("placed", "dial", "ring", "join"),
    PlaceKind.LISTEN: ("placed", "dial", "ring", "join"),
}


# --- leads and calls -----------------------------------------------------------------------------------------


@on(r.LeadCreated)
def _lead_created(state: State, record: r.LeadCreated, _at: float) -> None:
    use_id(state, "lead", record.lead.id)


@on(r.CallStarted)
def _call_started(state: State, record: r.CallStarted, at: float) -> None:
    call = Call(
        id=record.call_id,
        key=record.key,
        agent=record.agent,
        session_id=record.session_id,
        campaign=record.campaign,
        direction=record.direction,
        lead_id=record.lead.id,
        number=record.number,
        phone_code=record.phone_code,
        leg=record.leg,
        started=at,
        before=record.before,
        which=record.which,
        previewed=record.previewed,
    )
    new_call(state, call, record.lead, at)
    session = state.sessions[record.agent]
    session.calls.append(record.call_id)
    session.completed = None


def new_call(state: State, call: Call, lead: Lead, at: float) -> None:
    """A call begins: its id and its key are used, its lead is in memory while it lasts."""
    use_id(state, "call", call.id)
    while state.keys and next(iter(state.keys.values())) <= at - KEY_MEMORY:
        del state.keys[next(iter(state.keys))]
    state.keys[call.key] = at
    keep_lead(state, lead)
    state.calls[call.id] = call


def keep_lead(state: State, lead: Lead) -> None:
    """The lead is in memory from now on, if he was not: what is there of him is as new as what is told."""
    if lead.id not in state.leads:
        state.leads[lead.id] = replace(lead, fields=dict(lead.fields))


def forget_lead(state: State, lead_id: int) -> None:
    """The lead is no longer in memory, unless a call or a preview needs him."""
    in_calls = any(call.lead_id == lead_id for call in state.calls.values())
    previews = (session.preview for session in state.sessions.values())
    if not in_calls and not any(one and one.lead and one.lead.id == lead_id for one in previews):
        state.leads.pop(lead_id, None)


@on(r.CallRinging)
def _call_ringing(state: State, record: r.CallRinging, _at: float) -> None:
    state.calls[record.call_id].state = CallState.RINGING


@on(r.CallAnswered)
def _call_answered(state: State, record: r.CallAnswered, at: float) -> None:
    call = state.calls[record.call_id]
    call.state = CallState.CONNECTED
    call.answered = at


@on(r.CallEnded)
def _call_ended(state: State, record: r.CallEnded, at: float) -> None:
    call = state.calls[record.call_id]
    call.state = CallState.WRAPPING
    call.ended = at
    call.cause = record.cause
    call.hung_up_by = record.hung_up_by
    call.suggested_status = record.suggested_status
    call.third = call.third_number = ""
    call.third_answered = None
    call.held_since = None
    forget_deadlines(state, record.agent, "grace")
    if call.ingroup and call.answered is not None:
        counts = line_counts(state, call.ingroup, at)
        counts.ended += 1
        counts.talked += at - call.answered


@on(r.CallRefused)
def _call_refused(state: State, record: r.CallRefused, _at: float) -> None:
    _forget_call(state, record.call_id, record.agent)


@on(r.StatusKept)
def _status_kept(state: State, record: r.StatusKept, _at: float) -> None:
    call = state.calls[record.call_id]
    call.status, call.callback, call.code = record.status, record.callback, record.code


@on(r.CallDisposed)
def _call_disposed(state: State, record: r.CallDisposed, at: float) -> None:
    number = state.calls[record.call_id].number
    _forget_call(state, record.call_id, record.agent)
    session = state.sessions.get(record.agent)
    if session is not None and record.by != "agent":
        session.completed = (record.call_id, record.lead_id, at + REPLACE_WINDOW)
        session.completed_number, session.promised = number, 0


@on(r.StatusReplaced)
def _status_replaced(_state: State, _record: r.StatusReplaced, _at: float) -> None:
    """Nothing in memory: the call is complete; its row and its lead's change."""


def _forget_call(state: State, call_id: int, agent: str) -> None:
    call = state.calls.pop(call_id)
    session = state.sessions.get(agent)
    if session is not None:
        session.calls.remove(call_id)
    forget_lead(state, call.lead_id)


# --- legs ----------------------------------------------------------------------------------------------------


@on(r.LegAsked)
def _leg_asked(state: State, record: r.LegAsked, at: float) -> None:
    state.legs[record.leg] = Leg(
        id=record.leg,
        role=record.role,
        session_id=record.session_id,
        agent=record.agent,
        call_id=record.call_id,
        place=Place(PlaceKind.ASKED),
        started=at,
        room=record.room,
    )


@on(r.LegAdopted)
def _leg_adopted(state: State, record: r.LegAdopted, at: float) -> None:
    adopted = (record.leg, record.role, record.session_id, record.agent, record.call_id, record.room)
    _leg_asked(state, r.LegAsked(*adopted), at)
    call = state.calls.get(record.call_id or 0)
    if call is not None and record.role is Role.CUSTOMER:
        call.leg = record.leg
    elif call is not None and record.role is Role.THIRD:
        call.third = record.leg


@on(r.LegMoved)
def _leg_moved(state: State, record: r.LegMoved, _at: float) -> None:
    state.legs[record.leg].place = record.place
    forget_deadlines(state, record.leg, *_REACHED.get(record.place.kind, ()))


@on(r.LegPending)
def _leg_pending(state: State, record: r.LegPending, _at: float) -> None:
    state.legs[record.leg].pending = record.move
    if record.move is None:
        forget_deadlines(state, record.leg, "hangup", "move")
    else:
        forget_deadlines(state, record.leg, "read")  # that answer would be about the move before


@on(r.LegEnded)
def _leg_ended(state: State, record: r.LegEnded, _at: float) -> None:
    del state.legs[record.leg]
    forget_deadlines(state, record.leg, "placed", "dial", "join", "hangup", "move", "ring", "read", "offer")
