"""How each record changes the State. The only code that writes to it, at work and in replay alike."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from agentd.core import records as r
from agentd.core.ids import KEY_MEMORY
from agentd.core.model import (
    Call,
    CallState,
    IdBlock,
    Lead,
    Leg,
    Login,
    Place,
    PlaceKind,
    Session,
    SessionState,
    State,
)

__all__ = ["ANSWER_MEMORY", "REPLACE_WINDOW", "deadline_key", "evolve"]

ANSWER_MEMORY = 86400.0  # seconds for which an Idempotency-Key is remembered
ANSWERS_KEPT = 20_000  # the oldest are forgotten before, so that memory and checkpoints stay small
REPLACE_WINDOW = 30.0  # seconds in which an agent's status replaces an automatic one

# Which deadlines of a leg are met when it is there.
_REACHED = {
    PlaceKind.DIALLING: ("placed",),
    PlaceKind.UP: ("placed", "dial"),
    PlaceKind.CONFERENCE: ("placed", "dial", "ring", "join"),
}

_RecordT = TypeVar("_RecordT", bound=r.Record)
_HANDLERS: dict[type[r.Record], Callable[[State, Any, float], None]] = {}


def evolve(state: State, record: r.Record, at: float) -> None:
    """Make the record true in the state."""
    agent = _whose(state, record)
    _HANDLERS[type(record)](state, record, at)
    session = state.sessions.get(agent)
    if session is not None:
        session.revision += 1


def _whose(state: State, record: r.Record) -> str:
    """Give the agent whose picture the record changes; records of a leg name only the leg."""
    leg = state.legs.get(getattr(record, "leg", ""))
    agent: str = getattr(record, "agent", leg.agent if leg is not None else "")
    return agent


def deadline_key(what: str, of: str) -> str:
    """How a deadline is named in the state."""
    return f"{what}:{of}"


def _on(
    kind: type[_RecordT],
) -> Callable[[Callable[[State, _RecordT, float], None]], Callable[[State, _RecordT, float], None]]:
    def keep(function: Callable[[State, _RecordT, float], None]) -> Callable[[State, _RecordT, float], None]:
        _HANDLERS[kind] = function
        return function

    return keep


def _put(table: dict[Any, Any], key: object, value: object | None) -> None:
    if value is None:
        table.pop(key, None)
    else:
        table[key] = value


# --- reference data ------------------------------------------------------------------------------------------


@_on(r.UserSet)
def _user(state: State, record: r.UserSet, _at: float) -> None:
    _put(state.users, record.name, record.user)


@_on(r.PhoneSet)
def _phone(state: State, record: r.PhoneSet, _at: float) -> None:
    _put(state.phones, record.extension, record.phone)


@_on(r.CampaignSet)
def _campaign(state: State, record: r.CampaignSet, _at: float) -> None:
    _put(state.campaigns, record.name, record.campaign)


@_on(r.StatusSet)
def _status(state: State, record: r.StatusSet, _at: float) -> None:
    _put(state.statuses, record.code, record.status)


@_on(r.TokenSet)
def _token(state: State, record: r.TokenSet, _at: float) -> None:
    _put(state.tokens, record.digest, record.token)


@_on(r.IdsGranted)
def _ids(state: State, record: r.IdsGranted, _at: float) -> None:
    state.blocks.setdefault(record.kind, []).append(IdBlock(record.first, record.last))


def _use(state: State, kind: str, value: int) -> None:
    blocks = state.blocks.get(kind, [])
    if blocks and blocks[0].next <= value <= blocks[0].last:
        blocks[0].next = value + 1
        if value == blocks[0].last:
            del blocks[0]


@_on(r.LinkChanged)
def _link(state: State, record: r.LinkChanged, _at: float) -> None:
    state.link_up = record.up
    for session in state.sessions.values():  # an Asterisk that was shutting down has used up the tries
        session.recalls = 0


# --- sessions ------------------------------------------------------------------------------------------------


@_on(r.LoginStarted)
def _login_started(state: State, record: r.LoginStarted, at: float) -> None:
    _use(state, "session", record.session_id)
    state.logins[record.agent] = Login(
        agent=record.agent,
        session_id=record.session_id,
        phone=record.phone,
        campaign=record.campaign,
        conference=record.conference,
        leg=record.leg,
        source=record.source,
        started=at,
    )


@_on(r.LoginEnded)
def _login_ended(state: State, record: r.LoginEnded, _at: float) -> None:
    login = state.logins.pop(record.agent)
    state.deadlines.pop(deadline_key("ring", login.leg), None)


@_on(r.SessionStarted)
def _session_started(state: State, record: r.SessionStarted, at: float) -> None:
    login = state.logins.pop(record.agent)
    state.deadlines.pop(deadline_key("ring", login.leg), None)
    state.sessions[record.agent] = Session(
        id=record.session_id,
        agent=record.agent,
        phone=record.phone,
        campaign=record.campaign,
        conference=record.conference,
        started=at,
        state=SessionState.PAUSED,
        code="",
        since=at,
        source=record.source,
        leg=record.leg,
        attached=True,
    )


@_on(r.StateEntered)
def _state_entered(state: State, record: r.StateEntered, at: float) -> None:
    session = state.sessions[record.agent]
    session.state = record.state
    session.code = record.code
    session.since = at
    session.interval = record.interval
    if record.state in {SessionState.PAUSED, SessionState.READY}:
        session.after = None
        state.deadlines.pop(deadline_key("logout", record.agent), None)
    if record.state is not SessionState.WRAPUP:
        state.deadlines.pop(deadline_key("wrapup", record.agent), None)


@_on(r.AfterSet)
def _after(state: State, record: r.AfterSet, _at: float) -> None:
    state.sessions[record.agent].after = record.after


@_on(r.PhoneLost)
def _phone_lost(state: State, record: r.PhoneLost, _at: float) -> None:
    session = state.sessions[record.agent]
    if session.attached:
        session.attached = False
        session.leg = ""
        session.recalls = 0
    session.returns = record.returns


@_on(r.PhoneAttached)
def _phone_attached(state: State, record: r.PhoneAttached, _at: float) -> None:
    session = state.sessions[record.agent]
    session.attached = True
    session.leg = record.leg
    session.returns = None
    session.recalls = 0
    for what in ("recall", "nophone", "grace"):
        state.deadlines.pop(deadline_key(what, record.agent), None)


@_on(r.PhoneRecalled)
def _phone_recalled(state: State, record: r.PhoneRecalled, _at: float) -> None:
    state.sessions[record.agent].recalls += 1


@_on(r.SessionEnded)
def _session_ended(state: State, record: r.SessionEnded, _at: float) -> None:
    del state.sessions[record.agent]
    for what in ("wrapup", "logout", "recall", "nophone", "grace"):
        state.deadlines.pop(deadline_key(what, record.agent), None)


@_on(r.DialQueued)
def _dial_queued(state: State, record: r.DialQueued, _at: float) -> None:
    queue = state.sessions[record.agent].queue
    if record.replaces:
        queue.clear()
    queue.append(record.request)


@_on(r.DialUnqueued)
def _dial_unqueued(state: State, record: r.DialUnqueued, _at: float) -> None:
    state.sessions[record.agent].queue.pop(0)


@_on(r.DeadlineSet)
def _deadline(state: State, record: r.DeadlineSet, _at: float) -> None:
    _put(state.deadlines, deadline_key(record.what, record.of), record.when)


# --- leads and calls -----------------------------------------------------------------------------------------


@_on(r.LeadCreated)
def _lead_created(state: State, record: r.LeadCreated, _at: float) -> None:
    _use(state, "lead", record.lead.id)


@_on(r.CallStarted)
def _call_started(state: State, record: r.CallStarted, at: float) -> None:
    _use(state, "call", record.call_id)
    while state.keys and next(iter(state.keys.values())) <= at - KEY_MEMORY:
        del state.keys[next(iter(state.keys))]
    state.keys[record.key] = at
    state.leads[record.lead.id] = Lead(
        id=record.lead.id,
        list_id=record.lead.list_id,
        status=record.lead.status,
        phone_code=record.lead.phone_code,
        phone_number=record.lead.phone_number,
        fields=dict(record.lead.fields),
    )
    state.calls[record.call_id] = Call(
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
    )
    session = state.sessions[record.agent]
    session.calls.append(record.call_id)
    session.completed = None


@_on(r.CallRinging)
def _call_ringing(state: State, record: r.CallRinging, _at: float) -> None:
    state.calls[record.call_id].state = CallState.RINGING


@_on(r.CallAnswered)
def _call_answered(state: State, record: r.CallAnswered, at: float) -> None:
    call = state.calls[record.call_id]
    call.state = CallState.CONNECTED
    call.answered = at


@_on(r.CallEnded)
def _call_ended(state: State, record: r.CallEnded, at: float) -> None:
    call = state.calls[record.call_id]
    call.state = CallState.WRAPPING
    call.ended = at
    call.cause = record.cause
    call.hung_up_by = record.hung_up_by
    call.suggested_status = record.suggested_status
    state.deadlines.pop(deadline_key("grace", record.agent), None)


@_on(r.CallRefused)
def _call_refused(state: State, record: r.CallRefused, _at: float) -> None:
    _forget_call(state, record.call_id, record.agent)


@_on(r.StatusKept)
def _status_kept(state: State, record: r.StatusKept, _at: float) -> None:
    state.calls[record.call_id].status = record.status


@_on(r.CallDisposed)
def _call_disposed(state: State, record: r.CallDisposed, at: float) -> None:
    _forget_call(state, record.call_id, record.agent)
    session = state.sessions.get(record.agent)
    if session is not None and record.by != "agent":
        session.completed = (record.call_id, record.lead_id, at + REPLACE_WINDOW)


@_on(r.StatusReplaced)
def _status_replaced(_state: State, _record: r.StatusReplaced, _at: float) -> None:
    """Nothing in memory: the call is complete; its row and its lead's change."""


def _forget_call(state: State, call_id: int, agent: str) -> None:
    call = state.calls.pop(call_id)
    session = state.sessions.get(agent)
    if session is not None:
        session.calls.remove(call_id)
    if all(other.lead_id != call.lead_id for other in state.calls.values()):
        state.leads.pop(call.lead_id, None)


# --- legs ----------------------------------------------------------------------------------------------------


@_on(r.LegAsked)
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


@_on(r.LegAdopted)
def _leg_adopted(state: State, record: r.LegAdopted, at: float) -> None:
    _leg_asked(state, r.LegAsked(record.leg, record.role, record.session_id, record.agent, record.call_id, ""), at)
    if record.call_id is not None:
        state.calls[record.call_id].leg = record.leg


@_on(r.LegMoved)
def _leg_moved(state: State, record: r.LegMoved, _at: float) -> None:
    state.legs[record.leg].place = record.place
    for what in _REACHED.get(record.place.kind, ()):
        state.deadlines.pop(deadline_key(what, record.leg), None)


@_on(r.LegPending)
def _leg_pending(state: State, record: r.LegPending, _at: float) -> None:
    state.legs[record.leg].pending = record.move
    if record.move is None:
        state.deadlines.pop(deadline_key("hangup", record.leg), None)


@_on(r.LegEnded)
def _leg_ended(state: State, record: r.LegEnded, _at: float) -> None:
    del state.legs[record.leg]
    for what in ("placed", "dial", "join", "hangup", "ring", "read"):
        state.deadlines.pop(deadline_key(what, record.leg), None)


# --- what the faces leave behind -----------------------------------------------------------------------------


@_on(r.AnswerKept)
def _answer(state: State, record: r.AnswerKept, at: float) -> None:
    while state.answers and (
        next(iter(state.answers.values())).at <= at - ANSWER_MEMORY or len(state.answers) >= ANSWERS_KEPT
    ):
        del state.answers[next(iter(state.answers))]
    state.answers.pop(record.key, None)
    state.answers[record.key] = record.answer


@_on(r.ApiCalled)
def _api_called(_state: State, _record: r.ApiCalled, _at: float) -> None:
    """Nothing in memory: a row of the log."""
