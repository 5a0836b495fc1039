"""Hangup and disposition, as agents ask for them."""

from __future__ import annotations

from agentd.core import records as r
from agentd.core.calls import ending
from agentd.core.calls.causes import BY_REMOTE
from agentd.core.calls.finding import current_call, named_call
from agentd.core.commands import Dispose, HangUp
from agentd.core.errors import CallbackNeedsDate, CallNotFound, NoCallToDispose, StatusUnknown
from agentd.core.leads import callbacks, disposing
from agentd.core.model import CallbackWish, CallState, Session, Status
from agentd.core.turn import Milestone, Turn

__all__ = ["dispose", "hang_up", "require_status"]


def hang_up(turn: Turn, command: HangUp) -> None:
    """End the customer's leg, or a consulted agent's own; with no live call there is nothing to do."""
    session = turn.session(command.agent)
    leg = _consulting_leg(turn, session) if command.call_id is None else ""
    call = named_call(turn.state, session, command.call_id) if not leg else None
    if call is not None:
        leg = call.leg
    if leg not in turn.state.legs:
        return
    turn.require_link()
    if command.status and call is not None:
        require_status(turn, session, command.status)
        turn.record(r.StatusKept(call.id, session.agent, command.status))
    ending.end_leg(turn, leg, by="agent")
    turn.wait(leg, Milestone.GONE)


def _consulting_leg(turn: Turn, session: Session) -> str:
    """The leg by which a consulted agent hears the other's conference."""
    call = turn.state.calls.get(session.consulted)
    return call.third if call is not None else ""


def dispose(turn: Turn, command: Dispose) -> None:
    """Give the call its status: at once in wrap-up, kept before, replacing an automatic one shortly after."""
    session = turn.session(command.agent)
    status = require_status(turn, session, command.status, command.callback)
    callback = command.callback if status is not None and status.callback else None
    call = current_call(turn.state, session)
    if command.call_id is not None and command.call_id in session.calls:
        call = turn.state.calls[command.call_id]
    if callback is not None:
        callbacks.require_possible(turn, callback, call)
    if call is None or command.call_id not in {None, call.id}:
        _replace(turn, session, command, callback)
    elif call.state is CallState.WRAPPING:
        ending.complete(turn, session, call, command.status, callback, command.code)
    else:
        turn.record(r.StatusKept(call.id, session.agent, command.status, callback, command.code))


def require_status(turn: Turn, session: Session, code: str, callback: CallbackWish | None = None) -> Status | None:
    """Refuse what a call cannot be disposed of with here; gives the status, None for one that needs no row.

    Raises:
        StatusUnknown, CallbackNeedsDate
    """
    status = turn.campaign(session).statuses.get(code) or turn.state.statuses.get(code)
    if status is None and code != BY_REMOTE:
        raise StatusUnknown(f"there is no status {code}")
    if status is not None and status.callback and callback is None:
        raise CallbackNeedsDate(f"status {code} needs a callback date")
    return status


def _replace(turn: Turn, session: Session, command: Dispose, callback: CallbackWish | None) -> None:
    if session.completed is not None:
        call_id, lead_id, until = session.completed
        if turn.now <= until and command.call_id in {None, call_id}:
            disposing.replace_status(turn, session, call_id, lead_id, command.status, callback, command.code)
            return
    if command.call_id is not None:
        raise CallNotFound(f"{session.agent} has no call {command.call_id}")
    raise NoCallToDispose(f"{session.agent} has no call to dispose of")
