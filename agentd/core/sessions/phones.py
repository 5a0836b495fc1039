"""The agent's phone: rung for a login, lost, called again."""

from __future__ import annotations

from agentd.core import records as r
from agentd.core.calls import ending, supervising
from agentd.core.calls.causes import NORMAL
from agentd.core.commands import CallPhone
from agentd.core.effects import Ring
from agentd.core.errors import PhoneHasNoDialString, PhoneNotOurs, PhoneUnknown
from agentd.core.evolving.table import deadline_key
from agentd.core.lines import delivery
from agentd.core.model import CallState, Leg, OwnCode, Phone, PlaceKind, Role, Session, SessionKind, SessionState
from agentd.core.sessions.states import as_after, enter, go_to
from agentd.core.sessions.table import TABLE, Do, Verb
from agentd.core.sessions.telephones import RING_SLACK
from agentd.core.turn import Milestone, Turn

__all__ = ["call_off", "call_phone", "ended", "guard_customer", "joined", "lost", "recall", "ring"]

_ASTRAY = {PlaceKind.CONFERENCE, PlaceKind.ELSEWHERE}  # a phone that was answered, and is not where it should be


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


def call_phone(turn: Turn, command: CallPhone) -> None:
    """Ring the agent's phone again, unless it is there or is ringing already."""
    session = turn.session(command.agent)
    if session.kind is not SessionKind.SEATED:
        raise PhoneNotOurs(f"the phone of {session.agent} is not called by agentd")
    phone = turn.state.phones.get(session.phone)
    if phone is None:
        raise PhoneUnknown(f"there is no phone {session.phone}")
    if not phone.dial:
        raise PhoneHasNoDialString(f"phone {session.phone} has no dial string")
    if session.attached:
        return
    turn.require_link()
    leg = _phone_leg(turn, session)
    if leg is not None and leg.place.kind in _ASTRAY:
        ending.end_leg(turn, leg.id, by="system")
        leg = None
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
    leg = turn.memory.leg_ids.next()
    ring(turn, phone, leg, session.id, session.agent, session.conference)
    turn.deadline("placed", leg, turn.settings.confirm_time)
    turn.deadline("ring", leg, turn.settings.ring_time + RING_SLACK)
    return leg


def recall(turn: Turn, session: Session) -> None:
    """Call the lost phone again by ourselves, if it is ours to call, until the tries are used up."""
    phone = turn.state.phones.get(session.phone)
    tries_left = session.recalls < turn.settings.recall_tries
    if session.attached or not (turn.settings.recall_phone and turn.state.link_up and tries_left):
        return
    if session.kind is not SessionKind.SEATED or phone is None or not phone.dial:
        return
    turn.deadline("recall", session.agent, turn.settings.recall_interval)
    leg = _phone_leg(turn, session)
    if leg is None:
        turn.record(r.PhoneRecalled(session.agent))
        _ring_again(turn, session, phone)
    elif leg.place.kind in _ASTRAY:
        ending.end_leg(turn, leg.id, by="system")


def call_off(turn: Turn, session: Session) -> None:
    """Whatever is on its way to be the agent's phone is let go: another channel is."""
    for leg in list(turn.state.legs.values()):
        if leg.session_id == session.id and leg.role is Role.AGENT:
            ending.end_leg(turn, leg.id, by="system")


def lost(turn: Turn, session: Session) -> None:
    """The agent's phone has left his conference. It is called again when its channel is gone, or at the latest soon.

    An on-hook agent has hung up; the phone of one who called himself is waited for.
    """
    if session.kind is SessionKind.ON_HOOK:
        _hung_up(turn, session, turn.state.legs[session.leg])
        return
    hanging_up = session.leg in turn.state.legs
    cell = TABLE[session.state][Verb.PHONE_LOST]
    was = as_after(session) if cell.do is Do.ENTER else None
    supervising.phone_left(turn, session)
    turn.record(r.PhoneLost(session.agent, was))
    turn.deadline("nophone", session.agent, turn.settings.nophone_logout)
    if session.kind is SessionKind.SEATED:
        turn.deadline("recall", session.agent, turn.settings.recall_interval if hanging_up else 0)
    if cell.do is Do.ENTER:
        enter(turn, session, SessionState.PAUSED, OwnCode.NO_PHONE)
    elif cell.do is Do.CANCEL:
        ending.end_current(turn, session, by="system")
    elif cell.do is Do.GIVE_BACK:
        ending.give_back(turn, session)
        ending.next_up(turn, session)
    elif session.consulted:
        ending.end_leg(turn, turn.state.calls[session.consulted].third, by="agent")
    elif cell.do is Do.WAIT:
        guard_customer(turn, session)


def ended(turn: Turn, session: Session, leg: Leg) -> None:
    """A channel to the agent's phone is gone: his phone is lost, or was on its way out or in."""
    if session.leg == leg.id and session.kind is SessionKind.ON_HOOK:
        _hung_up(turn, session, leg)
    elif session.leg == leg.id:
        lost(turn, session)
    elif session.kind is SessionKind.SEATED and not session.attached and session.recalls == 0:
        turn.deadline("recall", session.agent, 0)


def _hung_up(turn: Turn, session: Session, leg: Leg) -> None:
    """An on-hook agent has hung up: so he ends his calls, or does not come to the one that was brought to him."""
    supervising.phone_left(turn, session)
    turn.record(r.PhoneReleased(session.agent))
    ending.end_leg(turn, leg.id, by="system")
    if delivery.rung_in_vain(turn, session, leg, NORMAL):
        return
    if session.consulted:
        ending.end_leg(turn, turn.state.calls[session.consulted].third, by="agent")
    for call in [turn.state.calls[call_id] for call_id in session.calls]:
        if call.state is not CallState.WRAPPING:
            ending.end_leg(turn, call.third, by="agent")
            ending.end_leg(turn, call.leg, by="agent")


def guard_customer(turn: Turn, session: Session) -> None:
    """A customer who is alone in the conference waits for the phone only so long."""
    alone = session.state is SessionState.INCALL and not session.attached and not session.consulted
    if alone and deadline_key("grace", session.agent) not in turn.state.deadlines:
        turn.deadline("grace", session.agent, turn.settings.phone_grace)


def joined(turn: Turn, session: Session, leg: Leg) -> None:
    """A channel to the agent's phone is in a conference: his own, it is back; another, it is lost to him."""
    if leg.place.room != session.conference:
        if session.leg == leg.id:
            lost(turn, session)
    elif session.leg == leg.id:
        return
    elif session.attached or leg.pending is not None:
        ending.end_leg(turn, leg.id, by="system")
    else:
        _back(turn, session, leg.id)


def _back(turn: Turn, session: Session, leg: str) -> None:
    """The agent's phone is in his conference again: what it interrupted goes on."""
    returns = session.returns
    turn.record(r.PhoneAttached(session.agent, leg))
    if session.kind is SessionKind.ON_HOOK:
        delivery.phone_came(turn, session)
    elif returns is not None:
        go_to(turn, session, returns)
