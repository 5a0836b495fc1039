"""Delivery: whoever waits is brought to an agent who is free, in his conference, on his phone or far away.

A caller keeps his place in line until he is with the agent; whatever goes wrong before, he goes on waiting.
"""

from __future__ import annotations

from collections.abc import Iterable

from agentd.core import records as r
from agentd.core.calls import ending, numbers, recording, timing
from agentd.core.calls.causes import OUT_OF_ORDER
from agentd.core.calls.moves import ask_move, free_left_room, visited_rooms
from agentd.core.effects import Hold, Join, JoinBoth, Ring, RingToWait, Tag
from agentd.core.errors import AgentdError, NoFreeConference, PhoneUnknown
from agentd.core.evolving.table import deadline_key
from agentd.core.lines.announcing import music
from agentd.core.lines.distribution import choose
from agentd.core.model import (
    After,
    AfterKind,
    Call,
    InGroup,
    Leg,
    Move,
    OwnCode,
    Place,
    PlaceKind,
    Role,
    Session,
    SessionKind,
    SessionState,
    State,
    Waiting,
    Why,
)
from agentd.core.sessions.states import enter
from agentd.core.sessions.telephones import RING_SLACK
from agentd.core.turn import Turn

__all__ = [
    "delivered",
    "free_among",
    "go_on",
    "not_moved",
    "offer",
    "phone_came",
    "remote_came",
    "rung_for",
    "rung_in_vain",
    "take",
    "take_back",
]

_AGAIN = 1.0  # seconds after which a delivery that Asterisk refused is tried again
_WAIT = Place(PlaceKind.WAIT)
_ELSEWHERE = {PlaceKind.CONFERENCE, PlaceKind.OUTSIDE}


# --- who gets whom -------------------------------------------------------------------------------------------


def offer(turn: Turn) -> None:
    """Bring those who wait to agents who are free. Runs after every command."""
    if not turn.state.link_up:
        return
    _back_to_the_music(turn)
    _bring_offered(turn)
    free: Iterable[Session] = turn.state.sessions.values()
    while free := free_among(turn.state, free):  # most of the time nobody is
        pair = choose(_waits(turn.state), free, turn.state)
        if pair is None:
            return
        _deliver(turn, *pair)


def _waits(state: State) -> list[Waiting]:
    """Those who can be delivered now."""
    return [waiting for waiting in state.waiting.values() if not waiting.offered and _can_be_moved(state, waiting.leg)]


def _can_be_moved(state: State, leg_id: str) -> bool:
    leg = state.legs.get(leg_id)
    if leg is None or leg.pending is not None or leg.place != _WAIT:
        return False
    return deadline_key("offer", leg_id) not in state.deadlines


def free_among(state: State, sessions: Iterable[Session]) -> list[Session]:
    """Give those of these agents who can take one more: nobody is still leaving them, and they do not rest."""
    remote, ready = SessionKind.REMOTE, SessionState.READY
    able = [session for session in sessions if session.state is ready or session.kind is remote]
    visited = visited_rooms(state) if able else set()
    return [session for session in able if _is_free(state, session, visited)]


def _is_free(state: State, session: Session, visited: set[str]) -> bool:
    if deadline_key("rest", session.agent) in state.deadlines:
        return False
    if session.kind is SessionKind.REMOTE:
        return _has_line(state, session)
    return session.conference not in visited and session.attached is not (session.kind is SessionKind.ON_HOOK)


def _has_line(state: State, session: Session) -> bool:
    at_work = {SessionState.READY, SessionState.RINGING, SessionState.INCALL}
    stays = session.after is None or session.after.kind is AfterKind.READY
    if session.state not in at_work or not stays:
        return False
    offered = sum(waiting.offered == session.agent for waiting in state.waiting.values())
    return len(session.calls) + offered < session.lines


def _back_to_the_music(turn: Turn) -> None:
    """Who came into a conference in vain, or was sent away when nobody knew any more, hears music again."""
    for waiting in turn.state.waiting.values():
        leg = turn.state.legs.get(waiting.leg)
        if leg is None or waiting.offered or leg.pending is not None or leg.place.kind not in _ELSEWHERE:
            continue
        if deadline_key("offer", leg.id) not in turn.state.deadlines:
            ask_move(turn, leg, Move(Why.LINE, "system", _WAIT), Hold(leg.id, music(turn.state, waiting)))


def _bring_offered(turn: Turn) -> None:
    """Whoever is being delivered goes to his agent as soon as both can be moved, also after a break of the link."""
    for waiting in turn.state.waiting.values():
        session = turn.state.sessions.get(waiting.offered)
        if session is not None:
            _bring(turn, waiting, session)


# --- calling the agent ---------------------------------------------------------------------------------------


def _deliver(turn: Turn, waiting: Waiting, session: Session) -> None:
    if session.kind is SessionKind.ON_HOOK:
        _ring_phone(turn, waiting, session)
    elif session.kind is SessionKind.REMOTE:
        _ring_number(turn, waiting, session)
    else:
        _offered(turn, waiting, session, "")
        _bring(turn, waiting, session)


def _offered(turn: Turn, waiting: Waiting, session: Session, ringing: str) -> None:
    turn.record(r.WaitingOffered(waiting.leg, waiting.call_id, session.agent, ringing))
    if session.state is SessionState.READY:
        enter(turn, session, SessionState.RINGING, call_id=waiting.call_id)
        turn.record(r.AfterSet(session.agent, After(AfterKind.READY)))


def _ring_phone(turn: Turn, waiting: Waiting, session: Session) -> None:
    """His phone is called into his conference; the caller comes when it is there."""
    phone = turn.state.phones.get(session.phone)
    if phone is None or not phone.dial:
        _unreachable(turn, waiting, session, PhoneUnknown(f"there is no phone {session.phone}"))
        return
    call, seconds = turn.state.calls[waiting.call_id], _ring_time(turn.state, waiting)
    leg = _asked(turn, waiting, session, None, seconds)
    turn.ask(
        Ring(
            leg=leg,
            resource=phone.dial,
            room=session.conference,
            role=Role.AGENT,
            session_id=session.id,
            call_key="",
            caller_id=call.number,
            timeout=seconds,
        )
    )


def _ring_number(turn: Turn, waiting: Waiting, session: Session) -> None:
    """His number is dialled through his campaign; when he is there, the two are put together."""
    call, seconds = turn.state.calls[waiting.call_id], _ring_time(turn.state, waiting)
    campaign = turn.campaign(session)
    try:
        resource = _resource(turn, session)
        free_left_room(turn.state)
    except AgentdError as error:
        _unreachable(turn, waiting, session, error)
        return
    leg = _asked(turn, waiting, session, call.id, seconds)
    turn.ask(
        RingToWait(
            leg=leg,
            resource=resource,
            role=Role.AGENT,
            session_id=session.id,
            call_key=call.key,
            caller_id=campaign.caller_id or call.number,
            timeout=seconds,
            names_call=True,
        )
    )


def _resource(turn: Turn, session: Session) -> numbers.Resource:
    user = turn.state.users.get(session.agent)
    number = user.outside_number if user is not None else ""
    if numbers.is_extension(number):
        return numbers.extension_resource(turn.state, number, turn.settings.extensions)
    return numbers.trunk_resource(turn.campaign(session), None, "", number)


def _ring_time(state: State, waiting: Waiting) -> int:
    ingroup = state.ingroups.get(waiting.ingroup) or InGroup(waiting.ingroup, 0)
    return ingroup.ring_time


def _asked(turn: Turn, waiting: Waiting, session: Session, call_id: int | None, seconds: int) -> str:
    leg = turn.memory.leg_ids.next()
    _offered(turn, waiting, session, leg)
    turn.record(r.LegAsked(leg, Role.AGENT, session.id, session.agent, call_id, session.conference))
    turn.deadline("placed", leg, turn.settings.confirm_time)
    turn.deadline("ring", leg, seconds + RING_SLACK)
    return leg


def _unreachable(turn: Turn, waiting: Waiting, session: Session, error: AgentdError) -> None:
    """He cannot be called as he is set up: the caller waits for others."""
    cause = OUT_OF_ORDER if isinstance(error, NoFreeConference) else 1
    turn.record(r.WaitingOffered(waiting.leg, waiting.call_id, session.agent))
    turn.record(r.OfferMissed(session.agent, session.id, waiting.call_id, waiting.ingroup, cause))
    turn.record(r.WaitingOffered(waiting.leg, waiting.call_id, ""))
    turn.deadline("rest", session.agent, max(turn.settings.rest_after_miss, _AGAIN))
    if _missed_too_many(turn, session):
        enter(turn, session, SessionState.PAUSED, OwnCode.MISSED)


def _missed_too_many(turn: Turn, session: Session) -> bool:
    return session.kind is SessionKind.ON_HOOK and 0 < turn.settings.missed_calls <= session.misses


# --- he is there ---------------------------------------------------------------------------------------------


def rung_for(state: State, leg_id: str) -> Waiting | None:
    """Give who is being delivered to the agent by calling this leg."""
    for waiting in state.waiting.values():
        if waiting.ringing == leg_id:
            return waiting
    return None


def phone_came(turn: Turn, session: Session) -> None:
    """An on-hook agent's phone is in his conference: the caller comes, too. Without one it is let go."""
    waiting = rung_for(turn.state, session.leg)
    if waiting is not None:
        _bring(turn, waiting, session)
    elif not session.calls and not session.consulted:
        ending.end_leg(turn, session.leg, by="system")


def remote_came(turn: Turn, session: Session, leg: Leg) -> None:
    """A remote agent has answered: he and the caller are put together."""
    waiting = rung_for(turn.state, leg.id)
    call = turn.state.calls.get(leg.call_id or 0)
    if waiting is not None:
        _bring(turn, waiting, session)
    elif call is None or call.agent_leg != leg.id:
        ending.end_leg(turn, leg.id, by="system")


def go_on(turn: Turn, leg: Leg) -> None:
    """Who waits has heard what was announced, or hears his music again: an agent may be there for him by now."""
    waiting = turn.state.waiting.get(leg.id)
    session = turn.state.sessions.get(waiting.offered) if waiting is not None else None
    if waiting is not None and session is not None:
        _bring(turn, waiting, session)


def _bring(turn: Turn, waiting: Waiting, session: Session) -> None:
    """Put the caller to the agent, if both can be moved; otherwise that is done when they can."""
    leg = turn.state.legs[waiting.leg]
    if leg.pending is not None or leg.place != _WAIT:
        return
    if session.kind is SessionKind.REMOTE:
        _bring_both(turn, waiting, session, leg)
    elif session.attached and session.leg == (waiting.ringing or session.leg):
        room = session.conference
        move = Move(Why.DELIVER, "system", Place(PlaceKind.CONFERENCE, room), session.agent)
        ask_move(turn, leg, move, Join(leg.id, room))


def _bring_both(turn: Turn, waiting: Waiting, session: Session, leg: Leg) -> None:
    far = turn.state.legs.get(waiting.ringing)
    if far is None or far.pending is not None or far.place != _WAIT:
        return
    try:
        room = free_left_room(turn.state)
    except NoFreeConference:
        not_moved(turn, leg)
        return
    move = Move(Why.DELIVER, "system", Place(PlaceKind.CONFERENCE, room), session.agent)
    effect = JoinBoth(leg.id, far.id, room)
    ask_move(turn, leg, move, effect)
    ask_move(turn, far, move, effect)


def delivered(turn: Turn, leg: Leg, move: Move) -> None:
    """A leg is where the agent and the caller were to meet, if he is still the one."""
    waiting = turn.state.waiting.get(leg.id) or rung_for(turn.state, leg.id)
    session = turn.state.sessions.get(move.about)
    if waiting is None or waiting.offered != move.about or session is None:
        if leg.role is Role.AGENT:
            ending.end_leg(turn, leg.id, by="system")
        return  # a caller waits on: offer() brings him back to the music
    customer = turn.state.legs[waiting.leg]
    if session.kind is SessionKind.REMOTE and not _are_together(turn.state, waiting, customer):
        return
    call = turn.state.calls[waiting.call_id]
    turn.record(r.WaitingEnded(customer.id, call.id, waiting.ingroup, "delivered"))
    if waiting.consult:
        turn.record(r.ConsultJoined(call.id, session.agent, call.agent, customer.id))
        enter(turn, session, SessionState.INCALL, call_id=call.id)
    else:
        take(turn, session, call, customer, agent_leg=waiting.ringing)


def _are_together(state: State, waiting: Waiting, customer: Leg) -> bool:
    far = state.legs.get(waiting.ringing)
    return far is not None and far.place == customer.place and far.pending is None and customer.pending is None


def take(turn: Turn, session: Session, call: Call, leg: Leg, *, agent_leg: str = "") -> None:
    """The call, which nobody has, is this agent's; its customer is with him."""
    own = agent_leg if session.kind is SessionKind.REMOTE else ""
    turn.record(r.LegGiven(leg.id, session.id, session.agent, call.id))
    turn.record(r.CallDelivered(call.id, session.agent, session.id, session.campaign, own))
    turn.ask(Tag(leg.id, leg.role, session.id, call.key))
    if session.state is not SessionState.INCALL:
        enter(turn, session, SessionState.INCALL, call_id=call.id)
    recording.call_answered(turn, session, call)
    timing.start(turn, session)


# --- it came to nothing --------------------------------------------------------------------------------------


def rung_in_vain(turn: Turn, session: Session, leg: Leg, cause: int) -> bool:
    """Say whether the leg, which is gone, was to bring an agent to a caller: he waits on, and the agent rests."""
    waiting = rung_for(turn.state, leg.id)
    if waiting is None:
        return False
    if cause != OUT_OF_ORDER:  # the PBX's fault is not his
        turn.record(r.OfferMissed(session.agent, session.id, waiting.call_id, waiting.ingroup, cause))
        turn.deadline("rest", session.agent, turn.settings.rest_after_miss)
    turn.record(r.WaitingOffered(waiting.leg, waiting.call_id, ""))
    stays = session.after is not None and session.after.kind is AfterKind.READY
    if stays and _missed_too_many(turn, session):
        turn.record(r.AfterSet(session.agent, After(AfterKind.PAUSED, OwnCode.MISSED)))
    ending.free_again(turn, session.agent)
    return True


def not_moved(turn: Turn, leg: Leg) -> None:
    """Asterisk would not: the caller waits on, the agent is free, and it is tried again before long."""
    waiting = turn.state.waiting.get(leg.id) or rung_for(turn.state, leg.id)
    if waiting is not None:
        turn.deadline("offer", waiting.leg, _AGAIN)
        _taken_back(turn, waiting)


def take_back(turn: Turn, leg: Leg) -> None:
    """The leg is on its way to nobody: an agent to whom it was being brought is free again."""
    waiting = turn.state.waiting.get(leg.id)
    if waiting is not None and waiting.offered and not waiting.ringing:
        _taken_back(turn, waiting)


def _taken_back(turn: Turn, waiting: Waiting) -> None:
    agent, ringing = waiting.offered, waiting.ringing
    if agent:
        turn.record(r.WaitingOffered(waiting.leg, waiting.call_id, ""))
        ending.end_leg(turn, ringing, by="system")
        ending.free_again(turn, agent)
