"""The end of legs, calls and sessions, and what comes after."""

from __future__ import annotations

from agentd.core import records as r
from agentd.core.calls import dialling
from agentd.core.calls.causes import CANCELLED, NORMAL, suggested_status
from agentd.core.calls.finding import ANSWERED, consulted_in, current_call
from agentd.core.calls.moves import require_no_stranger
from agentd.core.effects import HangUpLeg
from agentd.core.errors import AgentdError
from agentd.core.leads import disposing
from agentd.core.model import (
    NEW,
    After,
    AfterKind,
    Call,
    CallbackWish,
    CallState,
    Move,
    OwnCode,
    Session,
    SessionKind,
    SessionState,
    State,
    Why,
)
from agentd.core.sessions.states import enter, go_to
from agentd.core.turn import Turn

__all__ = [
    "call_over",
    "complete",
    "complete_default",
    "dispose_of",
    "end_current",
    "end_leg",
    "end_session",
    "free_again",
    "give_back",
    "is_idle",
    "let_third_go",
    "next_up",
    "put_away",
    "release_consulted",
    "settle",
    "unheard",
    "withdraw",
]


# --- legs ----------------------------------------------------------------------------------------------------


def end_current(turn: Turn, session: Session, *, by: str) -> None:
    """End the customer's leg of the current call, on somebody's account."""
    call = current_call(turn.state, session)
    if call is not None and call.state is not CallState.WRAPPING:
        end_leg(turn, call.leg, by=by)


def end_leg(turn: Turn, leg_id: str, *, by: str) -> None:
    """Ask once for the end of a leg's channel, whatever else was asked for it.

    Without a link it is found and ended when the link is back.
    """
    leg = turn.state.legs.get(leg_id)
    if leg is None or not turn.state.link_up:
        return
    if leg.pending is not None and leg.pending.why is Why.END:
        return
    pair = leg.pending if leg.pending is not None and leg.pending.why in {Why.LEAVE, Why.CONNECT} else None
    turn.record(r.LegPending(leg_id, Move(Why.END, by, about=pair.about if pair is not None else "")))
    turn.deadline("hangup", leg_id, turn.settings.confirm_time)
    turn.ask(HangUpLeg(leg_id))


# --- the end of a call ---------------------------------------------------------------------------------------


def call_over(turn: Turn, call: Call, cause: int, by: str) -> None:
    """No outside party is left with the agent: the call waits for its disposition, unless that is known."""
    session = turn.state.sessions[call.agent]
    suggested = _suggestion(call, cause, by)
    let_third_go(turn, call, by="system")
    end_leg(turn, call.agent_leg, by="system")
    turn.record(r.CallEnded(call.id, call.agent, cause, by, suggested))
    if call.status:
        disposing.dispose(turn, call, call.status, "agent", callback=call.callback, code=call.code)
    settle(turn, session)


def is_idle(state: State, session: Session) -> bool:
    """Say whether the agent has no live call, and is not consulted in another one's."""
    calls = (state.calls[call_id] for call_id in session.calls)
    return not session.consulted and all(call.state is CallState.WRAPPING for call in calls)


def settle(turn: Turn, session: Session) -> None:
    """Let the session be in the state that its calls make: in a call, dialling, in wrap-up, or free again."""
    calls = [turn.state.calls[call_id] for call_id in session.calls]
    live = [call for call in calls if call.state is not CallState.WRAPPING]
    if session.consulted:
        return
    if session.kind is SessionKind.REMOTE and len(live) < len(calls):
        complete_default(turn, session, by="none")  # he has no wrap-up
        return
    if session.kind is SessionKind.ON_HOOK and session.attached and is_idle(turn.state, session):
        end_leg(turn, session.leg, by="system")
    if live:
        answered = [call for call in live if call.state in ANSWERED]
        wanted = SessionState.INCALL if answered else SessionState.DIALLING
        if session.state is not wanted:
            enter(turn, session, wanted, call_id=(answered or live)[-1].id)
    elif not calls and any(waiting.offered == session.agent for waiting in turn.state.waiting.values()):
        if session.state is not SessionState.RINGING:
            enter(turn, session, SessionState.RINGING)
    elif not calls:
        next_up(turn, session)
    elif turn.campaign(session).wrapup == 0:
        complete_default(turn, session, by="none")
    elif session.state is not SessionState.WRAPUP:
        enter(turn, session, SessionState.WRAPUP, call_id=calls[-1].id)
        wrapup = turn.campaign(session).wrapup
        if wrapup is not None:
            turn.deadline("wrapup", session.agent, wrapup)


def _suggestion(call: Call, cause: int, by: str) -> str:
    if call.answered is not None:
        return ""
    return CANCELLED if by in {"agent", "system"} else suggested_status(cause)


def complete_default(turn: Turn, session: Session, *, by: str) -> None:
    """Complete the calls in wrap-up without a word of the agent's."""
    for call_id in list(session.calls):
        call = turn.state.calls[call_id]
        if call.state is CallState.WRAPPING:
            dispose_of(turn, session, call, by=by)
    settle(turn, session)


def dispose_of(turn: Turn, session: Session, call: Call, *, by: str) -> None:
    """A call that is over is complete without a word of the agent's; the caller says what he does next."""
    status = _status_without_agent(turn, session, call, by)
    disposing.dispose(turn, call, status, by, callback=call.callback, code=call.code)


def _status_without_agent(turn: Turn, session: Session, call: Call, by: str) -> str:
    """The status kept; for a failed dial that gets no more wrap-up that of its cause; else the campaign's default."""
    if call.status:
        return call.status
    if by in {"none", "alternative"} and call.suggested_status:
        return call.suggested_status
    return turn.campaign(session).default_status


def complete(
    turn: Turn, session: Session, call: Call, status: str, callback: CallbackWish | None = None, code: str = ""
) -> None:
    """The call has its status, and what goes with it, and is complete; the session goes on."""
    disposing.dispose(turn, call, status, "agent", callback=callback, code=code)
    settle(turn, session)


def unheard(turn: Turn, call: Call, status: str, by: str) -> None:
    """The call of somebody who has ended it, or was sent away, before an agent had him.

    One who called himself, and of whom something is known already, stays what he was.
    """
    known = call.direction == "inbound" and turn.state.leads[call.lead_id].status != NEW
    disposing.dispose(turn, call, status, by, lead_keeps=known)


def next_up(turn: Turn, session: Session) -> None:
    """What comes after the call: logout, the next remembered dial, or being paused or ready."""
    if session.calls or session.consulted:
        return
    after = session.after or After(AfterKind.PAUSED, OwnCode.PAUSE)
    if after.kind is AfterKind.LOGOUT:
        end_session(turn, session, reason="logout", source=after.code)
        return
    while session.queue:
        request = session.queue[0]
        try:
            dialling.check(turn, session, request)
            require_no_stranger(turn, session)
        except AgentdError as error:
            turn.record(r.DialUnqueued(session.agent, error.reason))
        else:
            turn.record(r.DialUnqueued(session.agent))
            dialling.begin(
                turn, session, request, before=after, after=dialling.initial_after(turn.campaign(session), after)
            )
            return
    go_to(turn, session, after)


def put_away(turn: Turn, session: Session) -> None:
    """The lead that was before the agent is not any more; the caller says what he does next."""
    if session.preview is not None and session.preview.lead is not None:
        turn.record(r.PreviewEnded(session.agent, session.preview.lead.id))


# --- lines and consultations: what ends with a leg, a call or a session --------------------------------------


def give_back(turn: Turn, session: Session) -> None:
    """What is being delivered to the agent goes back to its place in the line; the caller says what he does next."""
    for waiting in turn.state.waiting.values():
        if waiting.offered == session.agent:
            ringing = waiting.ringing
            turn.record(r.WaitingOffered(waiting.leg, waiting.call_id, ""))
            end_leg(turn, ringing, by="agent")


def withdraw(turn: Turn, leg_id: str, reason: str) -> None:
    """The leg waits no longer; an agent to whom it was being delivered is free again."""
    waiting = turn.state.waiting.get(leg_id)
    if waiting is not None:
        turn.record(r.WaitingEnded(leg_id, waiting.call_id, waiting.ingroup, reason))
        end_leg(turn, waiting.ringing, by="system")
        free_again(turn, waiting.offered)


def free_again(turn: Turn, agent: str) -> None:
    """Something is no longer being delivered to the agent: he is free, unless something else is."""
    session = turn.state.sessions.get(agent)
    rings_on = any(waiting.offered == agent for waiting in turn.state.waiting.values())
    if session is not None and session.state is SessionState.RINGING and not rings_on:
        next_up(turn, session)


def let_third_go(turn: Turn, call: Call, *, by: str) -> None:
    """The call goes on without its third party: nobody waits for him, or is consulted, any more."""
    withdraw(turn, call.third, "withdrawn")
    release_consulted(turn, call.id)
    end_leg(turn, call.third, by=by)


def release_consulted(turn: Turn, call_id: int) -> None:
    """The agent who was consulted in that call is back where he was, without wrap-up."""
    session = consulted_in(turn.state, call_id)
    if session is not None:
        turn.record(r.ConsultEnded(call_id, session.agent))
        settle(turn, session)


# --- the end of a session ------------------------------------------------------------------------------------


def end_session(turn: Turn, session: Session, *, reason: str, source: str) -> None:
    """Log out at once: calls are ended and completed, every leg is ended."""
    give_back(turn, session)
    put_away(turn, session)
    if session.consulted:
        end_leg(turn, turn.state.calls[session.consulted].third, by="agent")
        turn.record(r.ConsultEnded(session.consulted, session.agent))
    for call_id in list(session.calls):
        call = turn.state.calls[call_id]
        let_third_go(turn, call, by="system")
        if call.state is not CallState.WRAPPING:
            turn.record(r.CallEnded(call.id, call.agent, NORMAL, "system", _suggestion(call, NORMAL, "system")))
        dispose_of(turn, session, call, by=reason)
    turn.record(r.SessionEnded(session.agent, session.id, reason, source))
    for leg_id in [leg.id for leg in turn.state.legs.values() if leg.session_id == session.id]:
        end_leg(turn, leg_id, by="system")
