"""A leg has come to a place: what was asked for is confirmed, and what it means for its call or session is true."""

from __future__ import annotations

from agentd.core import records as r
from agentd.core.calls import ending, holding, recording, supervising, thirds, timing, transfers
from agentd.core.calls.finding import ANSWERED, is_auto_dial
from agentd.core.dialler import auto
from agentd.core.effects import HangUpLeg
from agentd.core.errors import PbxRefused
from agentd.core.lines import delivery, treatments
from agentd.core.model import (
    Call,
    CallState,
    Leg,
    Login,
    Move,
    Place,
    PlaceKind,
    Role,
    Session,
    SessionKind,
    SessionState,
    Why,
)
from agentd.core.sessions import login, phones
from agentd.core.sessions.states import enter
from agentd.core.turn import Milestone, Turn

__all__ = ["SETTLED", "arrived", "call_of", "is_goal", "is_unwanted", "login_of", "move", "session_of"]

SETTLED = frozenset({PlaceKind.CONFERENCE, PlaceKind.WAIT, PlaceKind.IVR, PlaceKind.OUTSIDE, PlaceKind.LISTEN})
"""The kinds of places that a leg is moved to."""


def login_of(turn: Turn, leg: Leg) -> Login | None:
    """Give the login that the leg was made for, while it is under way."""
    under_way = turn.state.logins.get(leg.agent)
    return under_way if under_way is not None and under_way.leg == leg.id else None


def session_of(turn: Turn, leg: Leg) -> Session | None:
    """Give the live session that the leg belongs to."""
    session = turn.state.sessions.get(leg.agent)
    return session if session is not None and session.id == leg.session_id else None


def call_of(turn: Turn, leg: Leg) -> Call | None:
    """Give the call that the leg belongs to."""
    return turn.state.calls.get(leg.call_id) if leg.call_id is not None else None


def move(turn: Turn, leg: Leg, place: Place) -> None:
    """The leg is there. When its channel is seen for the first time, a hangup asked for before goes out again."""
    first_seen = leg.place.kind is PlaceKind.ASKED
    still_outside = leg.place.kind is PlaceKind.OUTSIDE and place.kind is PlaceKind.OUTSIDE  # where the room is known
    if leg.place != place and not still_outside:
        turn.record(r.LegMoved(leg.id, place))
    if first_seen:
        turn.reach(leg.id, Milestone.PLACED)
        if leg.pending is not None and leg.pending.why is Why.END:
            turn.deadline("hangup", leg.id, turn.settings.confirm_time)
            turn.ask(HangUpLeg(leg.id))


def is_unwanted(turn: Turn, leg: Leg) -> bool:
    """Whether its end was asked for, or the login, session or call that the leg was made for is over."""
    if leg.left:
        return bool(leg.peer) and leg.peer not in turn.state.legs
    call = call_of(turn, leg)
    if leg.role is Role.CUSTOMER:
        over = call is None or call.state is CallState.WRAPPING
        return over or (leg.pending is None and transfers.is_alone(turn, call))
    if leg.role is Role.THIRD:
        return call is None or call.third != leg.id
    if leg.role is Role.AGENT and leg.call_id is not None:
        with_customer = call is not None and call.agent_leg == leg.id and call.state is not CallState.WRAPPING
        return not with_customer and delivery.rung_for(turn.state, leg.id) is None
    session = session_of(turn, leg)
    if session is not None and session.kind is SessionKind.ON_HOOK and leg.role is Role.AGENT:
        at_work = session.leg == leg.id and not ending.is_idle(turn.state, session)
        return not at_work and delivery.rung_for(turn.state, leg.id) is None
    return login_of(turn, leg) is None and session is None


def is_goal(asked: Move, place: Place) -> bool:
    """Whether the place is what was asked for. Who talks outside may be in his conference there already."""
    goal = asked.goal
    if goal is not None and goal.kind is PlaceKind.OUTSIDE:
        return place.kind is PlaceKind.OUTSIDE or (place.kind is PlaceKind.CONFERENCE and place.room == goal.room)
    return goal == place


def arrived(turn: Turn, leg: Leg, place: Place) -> None:
    """The leg is at a place, because it was asked to or by itself."""
    if leg.left and place.kind is PlaceKind.OUTSIDE:
        return  # as is known; he may have met somebody there meanwhile
    asked = leg.pending if leg.pending is not None and is_goal(leg.pending, place) else None
    if asked is not None and asked.goal is not None:
        place = asked.goal
    move(turn, leg, place)
    if asked is not None:
        turn.record(r.LegPending(leg.id, None))
    under_way = login_of(turn, leg)
    if under_way is not None:
        _login_joined(turn, under_way, place)
    elif leg.left:
        pass
    elif asked is not None and asked.why in _CONFIRMED:
        _CONFIRMED[asked.why](turn, leg, asked)
    elif leg.id in turn.state.waiting:
        _in_line(turn, leg)
    elif not _came_first(turn, leg):
        _unasked(turn, leg, session_of(turn, leg))
    if asked is not None:
        turn.reach(leg.id, Milestone.MOVED)


def _in_line(turn: Turn, leg: Leg, _asked: Move | None = None) -> None:
    """Who waits hears music: for the first time, or again."""
    waiting = turn.state.waiting.get(leg.id)
    if waiting is None or leg.place.kind is not PlaceKind.WAIT:
        return
    if not waiting.entered:
        treatments.entered(turn, waiting, leg)
    delivery.go_on(turn, leg)


def _came_first(turn: Turn, leg: Leg) -> bool:
    """Whether of two who go on together this one is there, and the other still on his way."""
    moves = (other.pending for other in turn.state.legs.values() if other.pending is not None)
    pairs = (move for move in moves if move.why in {Why.LEAVE, Why.CONNECT})
    return any(move.about == leg.id and move.goal == leg.place for move in pairs)


def _login_joined(turn: Turn, under_way: Login, place: Place) -> None:
    if place == Place(PlaceKind.CONFERENCE, under_way.conference):
        login.started(turn, under_way)
    else:
        login.failed(turn, under_way, PbxRefused("the phone entered another conference"))


# --- what was asked for --------------------------------------------------------------------------------------


def _with_call(turn: Turn, leg: Leg) -> Call | None:
    """The call whose customer has come; when it is over meanwhile he is let go."""
    call = call_of(turn, leg)
    if call is None or call.state is CallState.WRAPPING:
        ending.end_leg(turn, leg.id, by="system")
        return None
    return call


def _held(turn: Turn, leg: Leg, _asked: Move) -> None:
    call = _with_call(turn, leg)
    if call is not None:
        holding.held(turn, call, leg.place)


def _retrieved(turn: Turn, leg: Leg, asked: Move) -> None:
    call = _with_call(turn, leg)
    if call is None:
        return
    if leg.role is Role.CUSTOMER and call.state is not CallState.CONNECTED:
        holding.retrieved(turn, call, by=asked.by)
    phones.guard_customer(turn, turn.state.sessions[call.agent])


def _out(turn: Turn, leg: Leg, asked: Move) -> None:
    call = _with_call(turn, leg)
    if call is not None:
        transfers.out(turn, call, leg, asked)


def _closer(turn: Turn, leg: Leg, asked: Move) -> None:
    call = _with_call(turn, leg)
    if call is not None:
        transfers.stands_in_line(turn, call, leg, asked)


def _taken(turn: Turn, leg: Leg, asked: Move) -> None:
    call = _with_call(turn, leg)
    if call is not None:
        transfers.taken(turn, call, leg, asked)


_CONFIRMED = {
    Why.HOLD: _held,
    Why.IVR: _held,
    Why.RETRIEVE: _retrieved,
    Why.BLIND: _out,
    Why.MESSAGE: _out,
    Why.LEAVE: transfers.together,
    Why.CONNECT: transfers.together,
    Why.CLOSER: _closer,
    Why.DELIVER: delivery.delivered,
    Why.TAKE: _taken,
    Why.LINE: _in_line,
    Why.ANNOUNCE: _in_line,
    Why.TREATMENT: treatments.confirmed,
    Why.MODE: supervising.changed,
}


# --- who came by himself, or for the first time --------------------------------------------------------------


def _unasked(turn: Turn, leg: Leg, session: Session | None) -> None:
    call = call_of(turn, leg)
    if call is not None and leg.role is Role.CUSTOMER and is_auto_dial(call):
        auto.answered(turn, leg, call)
    elif session is None:
        ending.end_leg(turn, leg.id, by="system")
    elif leg.role is Role.AGENT and session.kind is SessionKind.REMOTE:
        delivery.remote_came(turn, session, leg)
    elif leg.role is Role.AGENT:
        phones.joined(turn, session, leg)
    elif leg.role is Role.MONITOR:
        supervising.joined(turn, leg)
    elif leg.role is Role.THIRD:
        _third_arrived(turn, session, leg)
    else:
        _customer_arrived(turn, session, leg)


def _third_arrived(turn: Turn, session: Session, leg: Leg) -> None:
    call = call_of(turn, leg)
    if call is None or call.third != leg.id:
        ending.end_leg(turn, leg.id, by="system")
    elif leg.place.kind is PlaceKind.CONFERENCE:
        thirds.answered(turn, session, call, leg)


def _customer_arrived(turn: Turn, session: Session, leg: Leg) -> None:
    call = _with_call(turn, leg)
    if call is None:
        return
    if leg.place.kind is PlaceKind.OUTSIDE:
        transfers.out(turn, call, leg, Move(Why.BLIND, "pbx"))
    elif session.kind is SessionKind.REMOTE:
        return
    elif leg.place.kind in {PlaceKind.WAIT, PlaceKind.IVR}:
        holding.held(turn, call, leg.place)
    elif leg.place.room != session.conference and call.state in ANSWERED:
        transfers.pair_broken(turn, leg)
    elif leg.place.room != session.conference:
        ending.end_leg(turn, leg.id, by="pbx")
    elif call.state in {CallState.HELD, CallState.IVR}:
        holding.came_back(turn, session, call, leg)
        phones.guard_customer(turn, session)
    elif call.state is not CallState.CONNECTED:
        turn.record(r.CallAnswered(call.id, call.agent))
        enter(turn, session, SessionState.INCALL, call_id=call.id)
        recording.call_answered(turn, session, call)
        timing.start(turn, session)
        phones.guard_customer(turn, session)
