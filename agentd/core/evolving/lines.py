"""How the State changes by what becomes of those who wait in lines."""

from __future__ import annotations

from agentd.core import records as r
from agentd.core.evolving.calls import new_call
from agentd.core.evolving.counts import dial_counts, line_counts
from agentd.core.evolving.table import forget_deadlines, on
from agentd.core.model import After, AfterKind, Call, CallState, State, Waiting

__all__: list[str] = []


# --- lines ---------------------------------------------------------------------------------------------------


@on(r.CallWaiting)
def _call_waiting(state: State, record: r.CallWaiting, at: float) -> None:
    call = Call(
        id=record.call_id,
        key=record.key,
        agent="",
        session_id=0,
        campaign=record.campaign,
        direction=record.direction,
        lead_id=record.lead.id,
        number=record.number,
        phone_code=record.phone_code,
        leg=record.leg,
        started=at,
        before=After(AfterKind.READY),
        state=CallState.WAITING,
        ingroup=record.ingroup,
        origin=record.origin,
        did=record.did,
    )
    new_call(state, call, record.lead, at)
    line_counts(state, record.ingroup, at).offered += 1


@on(r.WaitingJoined)
def _waiting_joined(state: State, record: r.WaitingJoined, _at: float) -> None:
    state.waiting[record.leg] = Waiting(
        leg=record.leg,
        call_id=record.call_id,
        ingroup=record.ingroup,
        since=record.since,
        wanted=record.wanted,
        consult=record.consult,
        priority=record.priority,
        campaign=record.campaign,
    )
    if not record.consult:
        state.calls[record.call_id].priority = record.priority


@on(r.WaitingEntered)
def _waiting_entered(state: State, record: r.WaitingEntered, _at: float) -> None:
    state.waiting[record.leg].entered = True


def _show(state: State, *agents: str) -> None:
    """What is being brought to these agents is in their pictures; the records name only the leg."""
    for agent in agents:
        session = state.sessions.get(agent)
        if session is not None:
            session.revision += 1


@on(r.WaitingOffered)
def _waiting_offered(state: State, record: r.WaitingOffered, _at: float) -> None:
    waiting = state.waiting[record.leg]
    _show(state, waiting.offered, record.to)
    waiting.offered = record.to
    waiting.ringing = record.ringing


@on(r.OfferMissed)
def _offer_missed(state: State, record: r.OfferMissed, _at: float) -> None:
    state.sessions[record.agent].misses += 1


@on(r.WaitingEnded)
def _waiting_ended(state: State, record: r.WaitingEnded, at: float) -> None:
    waiting = state.waiting.pop(record.leg, None)
    forget_deadlines(state, record.leg, "drop", "welcome", "announce", "music", "offer")
    if waiting is None:
        return
    _show(state, waiting.offered)
    if waiting.consult:
        return
    if waiting.campaign:
        dial_counts(state, waiting.campaign, at).dropped += record.reason == "abandoned"
        return
    counts = line_counts(state, record.ingroup, at)
    if record.reason == "delivered":
        ingroup = state.ingroups.get(record.ingroup)
        counts.answered += 1
        counts.waited += at - waiting.since
        counts.in_time += ingroup is not None and at - waiting.since <= ingroup.service_level
    elif record.reason == "abandoned":
        counts.abandoned += 1


@on(r.CallDelivered)
def _delivered(state: State, record: r.CallDelivered, at: float) -> None:
    call = state.calls[record.call_id]
    call.agent = record.agent
    call.session_id = record.session_id
    call.campaign = record.campaign
    call.state = CallState.CONNECTED
    call.answered = at
    call.agent_leg = record.agent_leg
    session = state.sessions[record.agent]
    session.calls.append(record.call_id)
    session.completed = None
    session.misses = 0
    session.taken[call.ingroup] = session.taken.get(call.ingroup, 0) + 1


@on(r.CallTreated)
def _treated(state: State, record: r.CallTreated, at: float) -> None:
    if record.campaign:
        dial_counts(state, record.campaign, at).dropped += 1
    else:
        line_counts(state, record.ingroup, at).dropped += 1


@on(r.CallRerouted)
def _rerouted(state: State, record: r.CallRerouted, at: float) -> None:
    call = state.calls[record.call_id]
    call.ingroup = record.ingroup
    call.rerouted += 1
    line_counts(state, record.ingroup, at).offered += 1


# --- calls that campaigns dial -------------------------------------------------------------------------------


@on(r.CallDialled)
def _dialled(state: State, record: r.CallDialled, at: float) -> None:
    call = Call(
        id=record.call_id,
        key=record.key,
        agent="",
        session_id=0,
        campaign=record.campaign,
        direction="auto",
        lead_id=record.lead.id,
        number=record.number,
        phone_code=record.phone_code,
        leg=record.leg,
        started=at,
        before=After(AfterKind.READY),
    )
    new_call(state, call, record.lead, at)
    dial_counts(state, record.campaign, at).dialled += 1


@on(r.LeadAnswered)
def _lead_answered(state: State, record: r.LeadAnswered, at: float) -> None:
    state.calls[record.call_id].state = CallState.WAITING
    dial_counts(state, record.campaign, at).answered += 1
