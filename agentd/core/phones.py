"""The agent's phone: rung for a login, lost, called again."""

from __future__ import annotations

from agentd.core import ending
from agentd.core import records as r
from agentd.core.commands import CallPhone
from agentd.core.effects import Ring
from agentd.core.errors import (
    PhoneBusy,
    PhoneFailed,
    PhoneHasNoDialString,
    PhoneNoAnswer,
    PhoneUnknown,
    PhoneUnregistered,
)
from agentd.core.model import Leg, OwnCode, Phone, PlaceKind, Role, Session, SessionState
from agentd.core.session import TABLE, Do, Verb
from agentd.core.states import as_after, enter, go_to
from agentd.core.turn import Milestone, Turn

__all__ = ["back", "call_phone", "error_of", "lost", "recall", "ring"]

_NO_ANSWER_CAUSES = {0, 16, 18, 19, 21}


def ring(turn: Turn, phone: Phone, leg: str, session_id: int, agent: str, room: str) -> None:
    """Make a channel to the phone; it enters the conference when it is answered."""
    turn.record(r.LegAsked(leg, Role.AGENT, session_id, agent, None, room))
    turn.ask(
        Ring(
            leg=leg,
            resource=phone.dial,
            room=room,
            role=Role.AGENT,
            session_id=session_id,
            call_key="",
            caller_id=agent,
            timeout=turn.settings.ring_time,
        )
    )


def error_of(extension: str, cause: int, *, reachable: bool = True) -> PhoneFailed:
    """Say why a phone did not come, by the Q.850 cause of its channel."""
    if not reachable or cause == 20:
        return PhoneUnregistered(f"phone {extension} is not registered", extension)
    if cause == 17:
        return PhoneBusy(f"phone {extension} is busy", extension)
    if cause in _NO_ANSWER_CAUSES:
        return PhoneNoAnswer(f"phone {extension} did not answer", extension)
    return PhoneFailed(f"phone {extension} could not be called (cause {cause})", extension)


def call_phone(turn: Turn, command: CallPhone) -> None:
    """Ring the agent's phone again, unless it is there or is ringing already."""
    session = turn.session(command.agent)
    phone = turn.state.phones.get(session.phone)
    if phone is None:
        raise PhoneUnknown(f"there is no phone {session.phone}")
    if not phone.dial:
        raise PhoneHasNoDialString(f"phone {session.phone} has no dial string")
    if session.attached:
        return
    turn.require_link()
    leg = _phone_leg(turn, session)
    if leg is None:
        turn.wait(_ring_again(turn, session, phone), Milestone.PLACED)
    elif leg.place.kind is PlaceKind.ASKED:
        turn.wait(leg.id, Milestone.PLACED)


def _phone_leg(turn: Turn, session: Session) -> Leg | None:
    for leg in turn.state.legs.values():
        if leg.session_id == session.id and leg.role is Role.AGENT and leg.pending is None:
            return leg
    return None


def _ring_again(turn: Turn, session: Session, phone: Phone) -> str:
    leg = turn.world.leg_ids.next()
    ring(turn, phone, leg, session.id, session.agent, session.conference)
    turn.deadline("placed", leg, turn.settings.confirm_time)
    turn.deadline("ring", leg, turn.settings.ring_time + 2)
    return leg


def recall(turn: Turn, session: Session) -> None:
    """Call the lost phone again by ourselves, and come back to it until the tries are used up."""
    turn.deadline("recall", session.agent, None)
    phone = turn.state.phones.get(session.phone)
    tries_left = session.recalls < turn.settings.recall_tries
    if session.attached or not (turn.settings.recall_phone and turn.state.link_up and tries_left):
        return
    if phone is None or not phone.dial:
        return
    turn.deadline("recall", session.agent, turn.settings.recall_interval)
    if _phone_leg(turn, session) is None:
        turn.record(r.PhoneRecalled(session.agent))
        _ring_again(turn, session, phone)


def lost(turn: Turn, session: Session) -> None:
    """The agent's phone has left his conference."""
    cell = TABLE[session.state][Verb.PHONE_LOST]
    was = as_after(session) if cell.do is Do.ENTER else None
    turn.record(r.PhoneLost(session.agent, was))
    turn.deadline("nophone", session.agent, turn.settings.nophone_logout)
    turn.deadline("recall", session.agent, 0)
    if cell.do is Do.ENTER:
        enter(turn, session, SessionState.PAUSED, OwnCode.NO_PHONE)
    elif cell.do is Do.CANCEL:
        ending.end_current(turn, session, by="system")
    elif cell.do is Do.WAIT:
        turn.deadline("grace", session.agent, turn.settings.phone_grace)


def back(turn: Turn, session: Session, leg: str) -> None:
    """The agent's phone is in his conference again: what it interrupted goes on."""
    returns = session.returns
    turn.record(r.PhoneAttached(session.agent, leg))
    turn.reach(leg, Milestone.JOINED)
    if returns is not None and session.state is SessionState.PAUSED:
        go_to(turn, session, returns)
