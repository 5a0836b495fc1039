"""Entering a state: every interval of a session begins here."""

from __future__ import annotations

from agentd.core import records as r
from agentd.core.errors import NotPossibleNow, PhoneNotConnected
from agentd.core.model import After, AfterKind, OwnCode, Session, SessionKind, SessionState
from agentd.core.turn import Turn

__all__ = ["as_after", "can_be_reached", "enter", "go_to", "require_phone", "require_reached", "require_seat"]


def enter(
    turn: Turn, session: Session, state: SessionState, code: str = "", call_id: int = 0, lead_id: int = 0
) -> None:
    """Enter a state: a new interval in the agent log. ``lead_id`` is that of a lead without a call."""
    pause_code = turn.campaign(session).pause_codes.get(code)
    productive = code == OwnCode.MISSION or (pause_code is not None and pause_code.productive)
    call = turn.state.calls.get(call_id)
    turn.record(
        r.StateEntered(
            agent=session.agent,
            session_id=session.id,
            interval=session.interval + 1,
            state=state,
            code=code,
            productive=productive,
            call_id=call_id,
            lead_id=call.lead_id if call else lead_id,
        )
    )


def as_after(session: Session) -> After:
    """What a paused or ready session is, in the form of something to come back to."""
    if session.state is SessionState.READY:
        return After(AfterKind.READY)
    return After(AfterKind.PAUSED, session.code)


def can_be_reached(session: Session) -> bool:
    """Whether calls can come to the agent: his phone is there, or is rung when one does."""
    return session.attached or session.kind is SessionKind.ON_HOOK


def go_to(turn: Turn, session: Session, after: After) -> None:
    """Become paused or ready; an agent whose phone should be there and is not, paused until it is back."""
    if not can_be_reached(session):
        turn.record(r.PhoneLost(session.agent, after))
        enter(turn, session, SessionState.PAUSED, OwnCode.NO_PHONE)
    elif after.kind is AfterKind.READY:
        enter(turn, session, SessionState.READY)
    else:
        enter(turn, session, SessionState.PAUSED, after.code)


def require_reached(session: Session) -> None:
    """Refuse when calls cannot come to the agent.

    Raises:
        PhoneNotConnected
    """
    if not can_be_reached(session):
        raise PhoneNotConnected("agent phone not connected")


def require_phone(session: Session) -> None:
    """Refuse when the agent's phone is not in his conference, be it that it is rung only for calls.

    Raises:
        PhoneNotConnected
    """
    if not session.attached:
        raise PhoneNotConnected("agent phone not connected")


def require_seat(session: Session) -> None:
    """Refuse what takes a conference of the agent's own.

    Raises:
        NotPossibleNow: he is a remote agent.
    """
    if session.kind is SessionKind.REMOTE:
        raise NotPossibleNow("a remote agent has no conference")
