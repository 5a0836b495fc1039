"""Moves: asked of Asterisk one at a time for each leg, and true only when they are confirmed."""

from __future__ import annotations

from agentd.core import records as r
from agentd.core.effects import Effect
from agentd.core.errors import AnotherCallConnected, LegBusy, NoFreeConference
from agentd.core.model import Call, CallState, Leg, Move, Place, PlaceKind, Role, Session, State, Why
from agentd.core.turn import Turn

__all__ = [
    "ask_move",
    "free_left_room",
    "require_free_conference",
    "require_no_stranger",
    "rooms_of",
    "strangers",
    "visited_rooms",
]

_LEFT_ROOMS = range(8600900, 8601000)  # conferences for those who are left behind (docs/asterisk.md)

_ARRIVED = {PlaceKind.CONFERENCE, PlaceKind.WAIT, PlaceKind.OUTSIDE}  # from there nobody comes by himself
_OUTSIDERS = frozenset({Role.CUSTOMER, Role.THIRD})


def ask_move(turn: Turn, leg: Leg, move: Move, effect: Effect) -> None:
    """Ask for a move of a leg that has none pending. It must be confirmed within the time that the operation has."""
    turn.record(r.LegPending(leg.id, move))
    turn.deadline("move", leg.id, max(0.0, turn.until - turn.now))
    turn.ask(effect)


def rooms_of(leg: Leg) -> set[str]:
    """Give the conferences in which the leg is, or which it may still enter."""
    rooms = {leg.place.room}
    if leg.place.kind not in _ARRIVED:
        rooms.add(leg.room)
    if leg.pending is not None and leg.pending.goal is not None:
        rooms.add(leg.pending.goal.room)
    return rooms


def free_left_room(state: State) -> str:
    """Give a conference in which nobody is, or is going to be, for legs that are left behind.

    Raises:
        NoFreeConference
    """
    taken = {room for leg in state.legs.values() for room in rooms_of(leg)}
    for number in _LEFT_ROOMS:
        if str(number) not in taken:
            return str(number)
    raise NoFreeConference("all conferences for calls left behind are taken")


def require_free_conference(turn: Turn, session: Session, call: Call | None) -> None:
    """Refuse when somebody of another call is in the agent's conference, or may enter it at any moment.

    Raises:
        AnotherCallConnected
    """
    for call_id in session.calls:
        other = turn.state.calls[call_id]
        if call is not None and other.id == call.id:
            continue
        held = other.state in {CallState.HELD, CallState.WRAPPING}
        if not held or other.third or _is_coming(turn.state, other):
            raise AnotherCallConnected(f"call {other.id} has the conference")


def strangers(state: State, session: Session) -> list[Leg]:
    """Give the outside parties in the agent's conference, or on their way there, who are not of his calls."""
    consulted = state.calls.get(session.consulted)
    his_own = {*session.calls, consulted.id if consulted is not None else 0}
    room = Place(PlaceKind.CONFERENCE, session.conference)
    return [
        leg
        for leg in state.legs.values()
        if leg.role in _OUTSIDERS
        and leg.call_id not in his_own
        and (leg.place == room or (leg.pending is not None and leg.pending.goal == room))
    ]


def visited_rooms(state: State) -> set[str]:
    """Give the conferences in which an outside party is, or to which one is on his way."""
    visitors = [leg for leg in state.legs.values() if leg.role in _OUTSIDERS]
    rooms = {leg.place.room for leg in visitors if leg.place.kind is PlaceKind.CONFERENCE}
    goals = [leg.pending.goal for leg in visitors if leg.pending is not None]
    return rooms | {goal.room for goal in goals if goal is not None and goal.kind is PlaceKind.CONFERENCE}


def require_no_stranger(turn: Turn, session: Session) -> None:
    """Refuse while a caller whom the agent no longer takes is on his way out of his conference.

    Raises:
        LegBusy
    """
    if strangers(turn.state, session):
        raise LegBusy("somebody is still leaving the agent's conference")


def _is_coming(state: State, call: Call) -> bool:
    leg = state.legs.get(call.leg)
    if leg is None or leg.pending is None or leg.pending.goal is None:
        return False
    back = {PlaceKind.CONFERENCE, PlaceKind.IVR}  # from the prompt he comes by himself
    return leg.pending.why is not Why.CONNECT and leg.pending.goal.kind in back
