"""Pause, resume and pause codes."""

from __future__ import annotations

from agentd.core import records as r
from agentd.core.calls import ending
from agentd.core.commands import Pause, Resume, SetPauseCode
from agentd.core.errors import AlreadyReady, DispositionRequired, NotPaused, PauseCodeUnknown
from agentd.core.model import After, AfterKind, OwnCode, Session, SessionState
from agentd.core.sessions.states import can_be_reached, enter, require_reached
from agentd.core.sessions.table import TABLE, Do, Verb
from agentd.core.turn import Turn

__all__ = ["pause", "resume", "set_pause_code"]


def _require_code(turn: Turn, session: Session, code: str) -> None:
    own = {own.value for own in OwnCode}
    if code not in own and code not in turn.campaign(session).pause_codes:
        raise PauseCodeUnknown(f"campaign {session.campaign} has no pause code {code}")


def pause(turn: Turn, command: Pause) -> None:
    """Take no more calls: at once, or after the call."""
    session = turn.session(command.agent)
    if command.code:
        _require_code(turn, session, command.code)
    cell = TABLE[session.state][Verb.PAUSE]
    if cell.do is Do.AFTER:
        ending.give_back(turn, session)  # a remote agent may be called while he has another call
        _pause_after(turn, session, command.code)
    elif not can_be_reached(session):
        _pause_on_return(turn, session, command.code)
    elif cell.do is Do.GIVE_BACK:
        ending.give_back(turn, session)
        turn.record(r.AfterSet(session.agent, After(AfterKind.PAUSED, command.code or OwnCode.PAUSE)))
        ending.next_up(turn, session)
    elif session.state is SessionState.READY:
        enter(turn, session, SessionState.PAUSED, command.code or OwnCode.PAUSE)
    else:
        code = command.code or _kept(session.code)
        if code != session.code:
            enter(turn, session, SessionState.PAUSED, code)


def _kept(code: str) -> str:
    """A plain pause keeps the code that is there, but ends a mission."""
    return OwnCode.PAUSE if code == OwnCode.MISSION else code


def _pause_after(turn: Turn, session: Session, code: str) -> None:
    after = session.after
    if after is not None and after.kind is AfterKind.LOGOUT:
        return
    if after is not None and after.kind is AfterKind.PAUSED:
        code = code or _kept(after.code)
    wanted = After(AfterKind.PAUSED, code or OwnCode.PAUSE)
    if wanted != after:
        turn.record(r.AfterSet(session.agent, wanted))


def _pause_on_return(turn: Turn, session: Session, code: str) -> None:
    """The phone is away: the pause is what its return brings."""
    returns = session.returns
    if returns is not None and returns.kind is AfterKind.PAUSED:
        code = code or _kept(returns.code)
    wanted = After(AfterKind.PAUSED, code or OwnCode.PAUSE)
    if wanted != returns:
        turn.record(r.PhoneLost(session.agent, wanted))


def resume(turn: Turn, command: Resume) -> None:
    """Be ready for calls: at once, or after the call; in wrap-up the call is completed."""
    session = turn.session(command.agent)
    cell = TABLE[session.state][Verb.RESUME]
    if cell.do is Do.NOTHING:
        if command.strict and session.state is SessionState.READY:
            raise AlreadyReady(f"{session.agent} is not paused")
        return
    if cell.do is Do.ENTER:
        require_reached(session)
        enter(turn, session, SessionState.READY)
        return
    if cell.do is Do.PUT_AWAY:
        require_reached(session)
        ending.put_away(turn, session)
        turn.record(r.AfterSet(session.agent, After(AfterKind.READY)))
        ending.next_up(turn, session)
        return
    logging_out = session.after is not None and session.after.kind is AfterKind.LOGOUT
    if cell.do is Do.COMPLETE:
        require_reached(session)
        campaign = turn.campaign(session)
        if campaign.disposition_required:
            raise DispositionRequired(f"campaign {campaign.name} requires a disposition")
    if not logging_out:
        turn.record(r.AfterSet(session.agent, After(AfterKind.READY)))
    if cell.do is Do.COMPLETE:
        ending.complete_default(turn, session, by="resume")


def set_pause_code(turn: Turn, command: SetPauseCode) -> None:
    """Give the pause its code: a new interval now, or the interval after wrap-up."""
    session = turn.session(command.agent)
    _require_code(turn, session, command.code)
    cell = TABLE[session.state][Verb.CODE]
    if cell.do is Do.REFUSE:
        raise NotPaused(f"{session.agent} is not paused")
    if cell.do is Do.AFTER:
        _pause_after(turn, session, command.code)
    elif not can_be_reached(session):
        _pause_on_return(turn, session, command.code)
    else:
        enter(turn, session, SessionState.PAUSED, command.code)
