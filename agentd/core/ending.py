"""The end of legs, calls and sessions: hangup, disposition, and what comes after."""

from __future__ import annotations

from agentd.core import dialling
from agentd.core import records as r
from agentd.core.causes import CANCELLED, NORMAL, suggested_status
from agentd.core.commands import Dispose, HangUp
from agentd.core.effects import HangUpLeg
from agentd.core.errors import (
    AgentdError,
    CallbackNeedsDate,
    CallNotFound,
    NoCallToDispose,
    StatusUnknown,
)
from agentd.core.model import After, AfterKind, Call, CallState, Move, OwnCode, Session, SessionState
from agentd.core.states import enter, go_to
from agentd.core.turn import Milestone, Turn

__all__ = [
    "call_over",
    "complete",
    "complete_default",
    "current_call",
    "dispose",
    "end_current",
    "end_leg",
    "end_session",
    "hang_up",
    "next_up",
]


# --- which call ----------------------------------------------------------------------------------------------


def current_call(turn: Turn, session: Session) -> Call | None:
    """Give the call that verbs without a call id act on: the connected one, else the newest, else None."""
    calls = [turn.state.calls[call_id] for call_id in session.calls]
    for call in calls:
        if call.state is CallState.CONNECTED:
            return call
    candidates = [call for call in calls if call.state is not CallState.WRAPPING] or calls
    return candidates[-1] if candidates else None


def _named_call(turn: Turn, session: Session, call_id: int | None) -> Call | None:
    if call_id is None:
        return current_call(turn, session)
    if call_id not in session.calls:
        raise CallNotFound(f"{session.agent} has no call {call_id}")
    return turn.state.calls[call_id]


# --- hangup --------------------------------------------------------------------------------------------------


def hang_up(turn: Turn, command: HangUp) -> None:
    """End the customer's leg; with no live call there is nothing to do."""
    session = turn.session(command.agent)
    call = _named_call(turn, session, command.call_id)
    if call is None or call.state is CallState.WRAPPING:
        return
    turn.require_link()
    end_leg(turn, call.leg, by="agent")
    turn.wait(call.leg, Milestone.GONE)


def end_current(turn: Turn, session: Session, *, by: str) -> None:
    """End the customer's leg of the current call, on somebody's account."""
    call = current_call(turn, session)
    if call is not None and call.state is not CallState.WRAPPING:
        end_leg(turn, call.leg, by=by)


def end_leg(turn: Turn, leg_id: str, *, by: str) -> None:
    """Ask once for the end of a leg's channel. Without a link it is found and ended when the link is back."""
    leg = turn.state.legs.get(leg_id)
    if leg is None or leg.pending is not None or not turn.state.link_up:
        return
    turn.record(r.LegPending(leg_id, Move("hangup", by)))
    turn.deadline("hangup", leg_id, turn.settings.confirm_time)
    turn.ask(HangUpLeg(leg_id))


# --- the end of a call ---------------------------------------------------------------------------------------


def call_over(turn: Turn, call: Call, cause: int, by: str) -> None:
    """The customer's leg is gone: the call waits for its disposition, unless that is known or not wanted."""
    session = turn.state.sessions[call.agent]
    turn.record(r.CallEnded(call.id, call.agent, cause, by, _suggestion(call, cause, by)))
    if any(turn.state.calls[other].state is not CallState.WRAPPING for other in session.calls):
        return
    wrapup = turn.campaign(session).wrapup
    if call.status:
        complete(turn, session, call, call.status, by="agent")
    elif wrapup == 0:
        complete_default(turn, session, by="none")
    else:
        enter(turn, session, SessionState.WRAPUP, call_id=call.id)
        if wrapup is not None:
            turn.deadline("wrapup", session.agent, wrapup)


def _suggestion(call: Call, cause: int, by: str) -> str:
    if call.answered is not None:
        return ""
    return CANCELLED if by in {"agent", "system"} else suggested_status(cause)


def complete_default(turn: Turn, session: Session, *, by: str) -> None:
    """Complete the call in wrap-up without a word of the agent's."""
    call = current_call(turn, session)
    if call is not None:
        complete(turn, session, call, _status_without_agent(turn, session, call, by), by=by)


def _status_without_agent(turn: Turn, session: Session, call: Call, by: str) -> str:
    """The status kept; for a failed dial that gets no wrap-up the one of its cause; else the campaign's default."""
    if call.status:
        return call.status
    if by == "none" and call.suggested_status:
        return call.suggested_status
    return turn.campaign(session).default_status


def complete(turn: Turn, session: Session, call: Call, status: str, *, by: str) -> None:
    """The call has its status and is complete; the session goes on."""
    turn.record(r.CallDisposed(call.id, session.agent, call.lead_id, status, by))
    next_up(turn, session)


def next_up(turn: Turn, session: Session) -> None:
    """What comes after the call: logout, the next remembered dial, or being paused or ready."""
    if session.calls:
        return
    after = session.after or After(AfterKind.PAUSED, OwnCode.PAUSE)
    if after.kind is AfterKind.LOGOUT:
        end_session(turn, session, reason="logout", source=after.code)
        return
    while session.queue:
        request = session.queue[0]
        try:
            dialling.check(turn, session, request)
        except AgentdError as error:
            turn.record(r.DialUnqueued(session.agent, error.reason))
        else:
            turn.record(r.DialUnqueued(session.agent))
            dialling.start(turn, session, request, before=after)
            return
    go_to(turn, session, after)


# --- disposition ---------------------------------------------------------------------------------------------


def dispose(turn: Turn, command: Dispose) -> None:
    """Give the call its status: at once in wrap-up, kept before, replacing an automatic one shortly after."""
    session = turn.session(command.agent)
    _require_status(turn, session, command.status)
    call = current_call(turn, session)
    if command.call_id is not None and command.call_id in session.calls:
        call = turn.state.calls[command.call_id]
    if call is None or command.call_id not in {None, call.id}:
        _replace(turn, session, command)
    elif call.state is CallState.WRAPPING:
        complete(turn, session, call, command.status, by="agent")
    else:
        turn.record(r.StatusKept(call.id, session.agent, command.status))


def _require_status(turn: Turn, session: Session, code: str) -> None:
    status = turn.campaign(session).statuses.get(code) or turn.state.statuses.get(code)
    if status is None:
        raise StatusUnknown(f"there is no status {code}")
    if status.callback:
        raise CallbackNeedsDate(f"status {code} needs a callback date")


def _replace(turn: Turn, session: Session, command: Dispose) -> None:
    if session.completed is not None:
        call_id, lead_id, until = session.completed
        if turn.now <= until and command.call_id in {None, call_id}:
            turn.record(r.StatusReplaced(call_id, session.agent, lead_id, command.status))
            return
    if command.call_id is not None:
        raise CallNotFound(f"{session.agent} has no call {command.call_id}")
    raise NoCallToDispose(f"{session.agent} has no call to dispose of")


# --- the end of a session ------------------------------------------------------------------------------------


def end_session(turn: Turn, session: Session, *, reason: str, source: str) -> None:
    """Log out at once: calls are ended and completed, every leg is ended."""
    for call_id in list(session.calls):
        call = turn.state.calls[call_id]
        if call.state is not CallState.WRAPPING:
            turn.record(r.CallEnded(call.id, call.agent, NORMAL, "system", _suggestion(call, NORMAL, "system")))
        status = _status_without_agent(turn, session, call, reason)
        turn.record(r.CallDisposed(call.id, session.agent, call.lead_id, status, reason))
    turn.record(r.SessionEnded(session.agent, session.id, reason, source))
    for leg_id in [leg.id for leg in turn.state.legs.values() if leg.session_id == session.id]:
        end_leg(turn, leg_id, by="system")
